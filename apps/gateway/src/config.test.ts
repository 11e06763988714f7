import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { BudError } from '@bud/kernel'
import { describe, expect, it } from 'vitest'
import { parseConfig, usage } from './config.ts'

const env = { BUD_CONTROL_URL: 'http://127.0.0.1:3000', BUD_GATEWAY_TOKEN: 'secret' }

function problemsOf(argv: string[], environment: Record<string, string>): string[] {
  try {
    parseConfig(argv, environment)
  } catch (error) {
    if (error instanceof BudError) return error.reasons.map(({ message }) => message)
    throw error
  }
  return []
}

describe('parseConfig', () => {
  it('needs the control plane and a token, and has a default for everything else', () => {
    expect(parseConfig([], env)?.settings).toMatchObject({
      host: '127.0.0.1',
      port: 4000,
      controlUrl: 'http://127.0.0.1:3000',
      gatewayToken: 'secret',
      bodyLimitBytes: 33_554_432,
      responseTimeoutMs: 600_000,
      corsOrigins: [],
    })
  })

  it('prefers flags to the environment', () => {
    const settings = parseConfig(
      ['--port', '0', '--cors-origins', 'http://a.test/, http://b.test', '--idle-timeout-s', '1.5'],
      { ...env, BUD_GATEWAY_PORT: '4100' },
    )?.settings
    expect(settings).toMatchObject({ port: 0, corsOrigins: ['http://a.test', 'http://b.test'], idleTimeoutMs: 1500 })
  })

  it('reads the token from a file', () => {
    const folder = mkdtempSync(join(tmpdir(), 'bud-config-'))
    const file = join(folder, 'token')
    writeFileSync(file, ' from-file\n')
    expect(parseConfig(['--token-file', file], { BUD_CONTROL_URL: env.BUD_CONTROL_URL })?.settings.gatewayToken).toBe(
      'from-file',
    )
    rmSync(folder, { recursive: true })
    expect(problemsOf(['--token-file', file], { BUD_CONTROL_URL: env.BUD_CONTROL_URL })[0]).toContain('ENOENT')
  })

  it('lists every problem at once, by flag and variable', () => {
    const problems = problemsOf(['--port', 'many', '--control-url', 'ftp://x'], { BUD_GATEWAY_MAX_IN_FLIGHT: '0' })
    expect(problems).toHaveLength(4)
    expect(problems.join('\n')).toMatch(
      /--port \(BUD_GATEWAY_PORT\).*\n.*--control-url.*\n.*--max-in-flight.*\n.*--token-file/,
    )
  })

  it('refuses a flag it does not know, with the usage', () => {
    expect(() => parseConfig(['--prot', '1'], env)).toThrow(usage)
  })

  it('leaves the rest when help is asked for', () => {
    expect(parseConfig(['--help'], {})).toBeUndefined()
  })
})
