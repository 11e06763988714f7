import { resolve } from 'node:path'
import { BudError } from '@bud/kernel'
import { describe, expect, test } from 'vitest'
import { parseConfig, usage } from './config.ts'

const refusalOf = (argv: string[], env: Record<string, string> = {}): BudError => {
  try {
    parseConfig(argv, env)
  } catch (error) {
    if (error instanceof BudError) return error
    throw error
  }
  throw new Error('It was accepted.')
}

describe('the settings', () => {
  test('have a default each, for this machine alone', () => {
    expect(parseConfig([], {})).toEqual({
      port: 3000,
      gatewayPort: 4000,
      host: '127.0.0.1',
      dataDir: resolve('./.bud'),
      s3Region: 'us-east-1',
      s3PathStyle: true,
      modelFolders: '',
      logLevel: 'info',
    })
  })

  test('come from the environment, and flags beat it', () => {
    const env = { BUD_PORT: '3100', BUD_GATEWAY_PORT: '4100', BUD_DATA_DIR: '/var/lib/bud', BUD_HOST: '0.0.0.0' }
    const config = parseConfig(['--port', '3200', '--data-dir=/srv/bud'], env)
    expect(config).toMatchObject({ port: 3200, gatewayPort: 4100, dataDir: '/srv/bud', host: '0.0.0.0' })
  })

  test('left empty in the environment are as if not set', () => {
    expect(parseConfig([], { BUD_PORT: '', BUD_DATABASE_URL: '', BUD_DATA_DIR: '' })).toEqual(parseConfig([], {}))
  })

  test('accept a PostgreSQL database and no other', () => {
    const databaseUrl = 'postgres://bud@db.example/bud'
    expect(parseConfig(['--database-url', databaseUrl], {})).toMatchObject({ databaseUrl })
    expect(refusalOf(['--database-url', 'mysql://bud@db.example/bud']).message).toContain('--database-url')
  })

  test('that are wrong are told all at once, with flag and variable', () => {
    const refusal = refusalOf(['--port', 'http'], { BUD_GATEWAY_PORT: '70000', BUD_LOG_LEVEL: 'loud' })
    expect(refusal.code).toBe('invalid-input')
    expect(refusal.reasons.map((reason) => reason.path)).toEqual(['port', 'gateway-port', 'log-level'])
    for (const said of ['--port (BUD_PORT)', '--gateway-port (BUD_GATEWAY_PORT)', '--log-level (BUD_LOG_LEVEL)'])
      expect(refusal.message).toContain(said)
  })

  test('that do not exist are refused with what does', () => {
    const refusal = refusalOf(['--prot', '3000'])
    expect(refusal.message).toContain('--prot')
    expect(refusal.message).toContain(usage)
  })

  test('are explained, and nothing is started, when help is asked for', () => {
    expect(parseConfig(['--help', '--port', 'http'], {})).toBeUndefined()
    expect(usage).toMatch(/--data-dir +or BUD_DATA_DIR/)
  })

  test('of a bucket need its keys, which are no flags', () => {
    const keys = { BUD_S3_ACCESS_KEY_ID: 'id', BUD_S3_SECRET_ACCESS_KEY: 'secret' }
    expect(refusalOf(['--artifacts', 's3://models'], {}).message).toContain('BUD_S3_SECRET_ACCESS_KEY')
    expect(parseConfig(['--artifacts', 's3://models/prefix'], keys)).toMatchObject({ artifacts: 's3://models/prefix' })
    expect(refusalOf(['--artifacts', '/srv/models'], keys).message).toContain('is not s3://bucket/prefix')
    expect(usage).not.toContain('--s3-secret')
  })
})
