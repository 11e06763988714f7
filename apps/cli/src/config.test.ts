import { chmodSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { bud, type ConnectionFlags, findConnection, saveProfile, writeSecretFile } from './config.ts'

const REMOTE = 'https://foundry.example'

describe('where the Foundry is, and who we are to it', () => {
  let home: string
  let dataDir: string
  beforeEach(() => {
    home = mkdtempSync(join(tmpdir(), 'bud-cli-'))
    dataDir = join(home, 'state')
    mkdirSync(dataDir)
    writeFileSync(join(dataDir, 'token'), 'local-token\n')
  })
  afterEach(() => rmSync(home, { recursive: true }))

  const find = (flags: ConnectionFlags = {}, env: Record<string, string> = {}) => {
    const { url, token } = findConnection(flags, { XDG_CONFIG_HOME: home, ...env })
    return { url, token }
  }
  const login = () => saveProfile({ url: REMOTE, token: 'profile-token' }, { XDG_CONFIG_HOME: home })

  test('is this machine and its data folder’s token, when nothing else is said', () => {
    expect(find({ dataDir })).toEqual({ url: 'http://127.0.0.1:3000', token: 'local-token' })
    expect(find({}, { BUD_DATA_DIR: dataDir, BUD_PORT: '3100' })).toEqual({
      url: 'http://127.0.0.1:3100',
      token: 'local-token',
    })
  })

  test('is the profile of bud login before this machine', () => {
    login()
    expect(find()).toEqual({ url: REMOTE, token: 'profile-token' })
  })

  test('is what a variable says before the profile, and what a flag says before both', () => {
    login()
    const env = { BUD_URL: 'http://10.0.0.1:3000', BUD_TOKEN: 'variable-token' }
    expect(find({}, env)).toEqual({ url: 'http://10.0.0.1:3000', token: 'variable-token' })
    expect(find({ url: 'http://10.0.0.2:3000', token: 'flag-token' }, env)).toEqual({
      url: 'http://10.0.0.2:3000',
      token: 'flag-token',
    })
    expect(find({}, { BUD_PORT: '3100', BUD_DATA_DIR: dataDir })).toEqual({
      url: 'http://127.0.0.1:3100',
      token: 'local-token',
    })
    expect(find({ dataDir })).toEqual({ url: 'http://127.0.0.1:3000', token: 'local-token' })
  })

  test('sends the profile’s token to its own address and nowhere else', () => {
    login()
    expect(find({ url: `${REMOTE}/` }).token).toBe('profile-token')
    expect(find({ url: 'https://other.example' }).token).toBeUndefined()
  })

  test('sends this machine’s token to no other machine, unless the folder was named', () => {
    expect(find({ url: REMOTE }).token).toBeUndefined()
    expect(find({ url: REMOTE, dataDir }).token).toBe('local-token')
    expect(findConnection({ url: REMOTE }, { XDG_CONFIG_HOME: home }).tokenSource).toContain('bud login')
  })

  test('takes empty variables as not set', () => {
    expect(find({ dataDir }, { BUD_URL: '', BUD_PORT: '', BUD_TOKEN: '' })).toEqual({
      url: 'http://127.0.0.1:3000',
      token: 'local-token',
    })
  })

  test('says of every wrong variable what is wrong', () => {
    expect(() => find({}, { BUD_URL: 'ftp://x', BUD_PORT: 'http' })).toThrow(/BUD_URL: must be .*; BUD_PORT: /)
    expect(() => find({ url: 'localhost:3000' })).toThrow('--url must be an address')
  })

  test('says what to do with a profile that cannot be read', () => {
    writeFileSync(login(), '{"url":')
    expect(() => find()).toThrow(/profile\.json cannot be read; write it again with "bud login"/)
  })
})

test('a file that holds a secret is its owner’s alone, also when it lay open before', () => {
  const home = mkdtempSync(join(tmpdir(), 'bud-cli-'))
  const file = join(home, 'config', 'secret')
  writeSecretFile(file, 'one')
  chmodSync(file, 0o644)
  writeSecretFile(file, 'two')
  expect((statSync(file).mode & 0o777).toString(8)).toBe('600')
  expect((statSync(dirname(file)).mode & 0o777).toString(8)).toBe('700')
  rmSync(home, { recursive: true })
})

test('a command is printed as it can be typed: through npx for those who came through npm', () => {
  expect(bud('model list', {})).toBe('bud model list')
  expect(bud('model list', { npm_command: '', npm_execpath: '' })).toBe('bud model list')
  expect(bud('model list', { npm_command: 'exec' })).toBe('npx bud model list')
  expect(bud('model list', { npm_execpath: '/usr/lib/npm/bin/npx-cli.js' })).toBe('npx bud model list')
})
