import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { runBud } from '../../testing/run-bud.ts'
import {
  json,
  refusal,
  type Script,
  type ScriptedFoundry,
  startScriptedFoundry,
} from '../../testing/scripted-foundry.ts'
import { type ScriptedUploads, scriptUploads, takeWhole } from '../../testing/scripted-uploads.ts'

const PART_BYTES = 300_000
const LARGE_BYTES = 1_450_000
/** Differs from part to part. */
const large = (seed: string) => Array.from({ length: LARGE_BYTES / 10 }, (_, at) => `${seed}${at}`.padEnd(10)).join('')

let foundry: ScriptedFoundry
let store: ScriptedFoundry
let folder: string
let state: string
let uploads: ScriptedUploads
beforeAll(async () => {
  foundry = await startScriptedFoundry()
  store = await startScriptedFoundry()
})
afterAll(() => Promise.all([foundry.close(), store.close()]))
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'bud-push-'))
  state = mkdtempSync(join(tmpdir(), 'bud-state-'))
  process.env.XDG_STATE_HOME = state
  foundry.seen.length = 0
  store.seen.length = 0
  uploads = scriptUploads(foundry, PART_BYTES)
  foundry.on('GET /models/tiny', refusal(404, 'NOT_FOUND', 'There is no model tiny.'))
  foundry.on('POST /models', json(202, { id: 'model-1', operation_id: 'op-1' }))
  return () => {
    delete process.env.XDG_STATE_HOME
    rmSync(folder, { recursive: true })
    rmSync(state, { recursive: true })
  }
})

const write = (path: string, content: string) => {
  mkdirSync(join(folder, path, '..'), { recursive: true })
  writeFileSync(join(folder, path), content)
  takeWhole(foundry, uploads, path)
}
const push = (...args: string[]) =>
  runBud('model', 'push', folder, '--name', 'tiny', '--no-wait', '--url', foundry.url, '--token', 'a-token', ...args)
const puts = (server = foundry) => server.seen.filter(({ method }) => method === 'PUT')
const registered = () => foundry.seen.find(({ method, path }) => method === 'POST' && path.startsWith('/models'))
const journals = () => readdirSync(join(state, 'bud/pushes'))

describe('pushing a folder', () => {
  test('sends small files whole and large ones in parts, announced with their digest, and registers them', async () => {
    write('config.json', '{}')
    write('empty', '')
    write('weights/part 1.txt', 'x'.repeat(100_000))
    write('weights.safetensors', large('a'))
    const { code, stdout, stderr } = await push('--licence', 'MIT', '--base-model', 'meta/base')
    expect([code, stdout]).toEqual([0, 'Accepted: model-1, operation op-1.\n'])
    const sent = puts().map(({ path, body, headers }) => [path, body.length, headers['content-length']])
    expect(sent).toEqual(
      expect.arrayContaining([
        ['/uploads/upload-1/files/config.json', 2, '2'],
        ['/uploads/upload-1/files/empty', 0, '0'],
        ['/uploads/upload-1/files/weights/part%201.txt', 100_000, '100000'],
        ['/uploads/upload-1/parts/5/weights.safetensors', 250_000, '250000'],
      ]),
    )
    expect(sent).toHaveLength(8)
    expect(puts().every(({ headers }) => headers.authorization === 'Bearer a-token')).toBe(true)
    expect(uploads.contentOf('weights.safetensors') === large('a')).toBe(true)
    expect(JSON.parse(registered()?.body ?? '')).toEqual({
      name: 'tiny',
      source_path: 'upload://upload-1',
      licence: 'MIT',
      base_model: 'meta/base',
    })
    expect(stderr).toContain('  sent weights.safetensors, 1.45 MB (')
    expect(stderr).toMatch(/1\.55 MB sent in .*\/s\)/)
    expect(journals()).toEqual([])
  })

  test('makes it the next version of a model that has the name, and says so', async () => {
    write('config.json', '{}')
    foundry.on('GET /models/tiny', json(200, { id: 'model-7', origin: 'registered', versions: [{ number: 2 }] }))
    foundry.on('POST /models/model-7/versions', json(202, { id: 'model-7', operation_id: 'op-9' }))
    const { code, stderr } = await push()
    expect([code, stderr]).toEqual([0, expect.stringContaining('its next version, 3.')])
    expect(registered()?.path).toBe('/models/model-7/versions')
    expect(JSON.parse(registered()?.body ?? '')).toEqual({ source_path: 'upload://upload-1' })
  })

  test('never sends more than --parallel at a time', async () => {
    for (const name of ['a', 'b', 'c', 'd', 'e', 'f']) write(`${name}.txt`, name)
    write('weights.safetensors', large('a'))
    let now = 0
    let most = 0
    for (const name of ['a', 'b', 'c', 'd', 'e', 'f']) {
      foundry.on(`PUT /uploads/upload-1/files/${name}.txt`, (request, response) => {
        most = Math.max(most, ++now)
        setImmediate(() => {
          now--
          json(200, {})(request, response)
        })
      })
    }
    expect((await push('--parallel', '2')).code).toBe(0)
    expect(most).toBeLessThanOrEqual(2)
    expect((await push('--parallel', 'many')).code).toBe(2)
    expect((await push('--parallel', '65')).code).toBe(2)
  })
})

describe('a folder to push', () => {
  test('leaves out what git and download caches keep there', async () => {
    write('config.json', '{}')
    write('.git/config', 'x')
    write('sub/.cache/huggingface/x.lock', 'x')
    symlinkSync('/etc/passwd', join(folder, '.git', 'link'))
    expect((await push()).code).toBe(0)
    expect(puts().map(({ path }) => path)).toEqual(['/uploads/upload-1/files/config.json'])
  })

  test('with symbolic links, to files and to folders, is refused before anything is sent', async () => {
    for (const target of ['/etc/passwd', '/etc']) {
      write('config.json', '{}')
      symlinkSync(target, join(folder, 'link'))
      const { code, stderr } = await push()
      expect([code, stderr]).toEqual([2, expect.stringContaining('link is a symbolic link; push the files themselves')])
      expect(foundry.seen.filter(({ method }) => method !== 'GET')).toEqual([])
      rmSync(join(folder, 'link'))
    }
  })

  test('without files is refused, and so is a name that no model can have', async () => {
    const empty = await push()
    expect([empty.code, empty.stderr]).toEqual([2, expect.stringContaining('bud model sample')])
    write('config.json', '{}')
    foundry.seen.length = 0
    const odd = await push('--name', 'my model@2')
    expect([odd.code, odd.stderr]).toEqual([2, expect.stringContaining('"my model@2" cannot be a model’s name')])
    expect(foundry.seen).toEqual([])
  })
})

describe('a push that is cut off', () => {
  const cutAt = (number: number) => {
    uploads.refuse = (part) => (part === number ? refusal(422, 'UNPROCESSABLE_CONTENT', 'Enough.') : undefined)
  }
  const goOn = () => {
    uploads.refuse = () => undefined
    foundry.seen.length = 0
    return push()
  }

  test('says the server’s words, registers nothing, and the same command sends only what is missing', async () => {
    write('config.json', '{}')
    write('weights.safetensors', large('a'))
    cutAt(3)
    const { code, stderr } = await push('--parallel', '1')
    expect([code, stderr]).toEqual([2, expect.stringContaining('weights.safetensors was not accepted: Enough.\n')])
    expect(registered()).toBeUndefined()
    expect(stderr).toContain('The same command goes on with what is missing.')
    expect((statSync(join(state, 'bud/pushes', journals()[0] ?? '')).mode & 0o777).toString(8)).toBe('600')
    const again = await goOn()
    expect([again.code, again.stderr]).toEqual([0, expect.stringContaining('Going on with an earlier push')])
    const sentNow = puts().map(({ path }) => path)
    expect(sentNow.sort()).toEqual([
      '/uploads/upload-1/parts/3/weights.safetensors',
      '/uploads/upload-1/parts/4/weights.safetensors',
      '/uploads/upload-1/parts/5/weights.safetensors',
    ])
    expect(again.stderr).toMatch(/600 kB were there already/)
    expect(registered()).toBeDefined()
    expect(journals()).toEqual([])
  })

  test('sends a file anew that was changed in the meantime, and no other', async () => {
    write('a.txt', 'old')
    write('b.txt', 'same')
    write('weights.safetensors', large('a'))
    cutAt(2)
    await push('--parallel', '1')
    write('a.txt', 'new')
    writeFileSync(join(folder, 'weights.safetensors'), large('b'))
    utimesSync(join(folder, 'a.txt'), 1, 1)
    expect((await goOn()).code).toBe(0)
    expect(puts().map(({ path }) => path)).not.toContain('/uploads/upload-1/files/b.txt')
    expect(puts()).toHaveLength(6)
    expect([uploads.contentOf('a.txt'), uploads.contentOf('weights.safetensors') === large('b')]).toEqual(['new', true])
  })

  test('announces a file again that has become small: the server counts on its parts', async () => {
    write('weights.safetensors', large('a'))
    cutAt(2)
    await push('--parallel', '1')
    writeFileSync(join(folder, 'weights.safetensors'), 'small now')
    expect((await goOn()).code).toBe(0)
    expect(puts().map(({ path }) => path)).toEqual(['/uploads/upload-1/parts/1/weights.safetensors'])
    expect(uploads.contentOf('weights.safetensors')).toBe('small now')
  })

  test('tries again what a server that is not well refuses, and nothing that it means', async () => {
    write('a.txt', 'a')
    let tried = 0
    foundry.on('PUT /uploads/upload-1/files/a.txt', (request, response) =>
      (tried++ === 0 ? refusal(503, 'SERVICE_UNAVAILABLE', 'Later.') : json(200, {}))(request, response),
    )
    expect([(await push()).code, tried]).toEqual([0, 2])
    foundry.on('PUT /uploads/upload-1/files/a.txt', (request, response) => {
      tried++
      refusal(409, 'CONFLICT', 'It is taken.')(request, response)
    })
    const { code, stderr } = await push()
    expect([code, tried, stderr]).toEqual([5, 3, expect.stringContaining('a.txt was not accepted: It is taken.\n')])
  })

  test('says which file cannot be sent when nobody answers there', async () => {
    uploads = scriptUploads(foundry, PART_BYTES, { ...store, url: 'ftp://store' })
    write('weights.safetensors', large('a'))
    expect(await push()).toMatchObject({ code: 1, stderr: expect.stringContaining('ftp:') })
  })

  test('begins anew with --restart, when a file has left the folder, and when the server has forgotten it', async () => {
    const opened = () => foundry.seen.filter(({ method, path }) => method === 'POST' && path === '/uploads').length
    write('a.txt', 'a')
    write('weights.safetensors', large('a'))
    for (const change of [() => rmSync(join(folder, 'a.txt')), () => uploads.drop()]) {
      cutAt(2)
      await push('--parallel', '1')
      change()
      expect((await goOn()).code).toBe(0)
      expect([opened(), puts().filter(({ path }) => path.includes('/parts/')).length]).toEqual([1, 5])
    }
    cutAt(2)
    await push('--parallel', '1')
    uploads.refuse = () => undefined
    foundry.seen.length = 0
    expect((await push('--restart')).code).toBe(0)
    expect(opened()).toBe(1)
  })
})

describe('parts that go straight to the store', () => {
  beforeEach(() => {
    uploads = scriptUploads(foundry, PART_BYTES, store)
    write('weights.safetensors', large('a'))
  })

  test('take signed addresses and never the token', async () => {
    expect((await push()).code).toBe(0)
    expect(puts(store)).toHaveLength(5)
    for (const { headers } of store.seen) {
      expect(headers.authorization).toBeUndefined()
      expect(JSON.stringify(headers)).not.toContain('a-token')
    }
    expect(uploads.contentOf('weights.safetensors') === large('a')).toBe(true)
  })

  test('go to a fresh address when theirs has expired, and again when the line breaks', async () => {
    const expired: Script = (_request, response) =>
      response.writeHead(403).end('<Error><Message>Request has expired</Message></Error>')
    const broken: Script = (_request, response) => response.destroy()
    uploads.refuse = (part, tried) => (tried > 0 ? undefined : [expired, broken][part - 1])
    expect((await push()).code).toBe(0)
    const signatures = foundry.seen.filter(({ path }) => path === '/uploads/upload-1/files')
    expect(signatures.length).toBeGreaterThan(3)
    expect(puts(store)).toHaveLength(7)
    expect(uploads.contentOf('weights.safetensors') === large('a')).toBe(true)
  })
})
