import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { runBud } from './testing/run-bud.ts'
import { json, refusal, type ScriptedFoundry, startScriptedFoundry } from './testing/scripted-foundry.ts'

describe('pushing a folder', () => {
  let foundry: ScriptedFoundry
  let folder: string
  beforeAll(async () => {
    foundry = await startScriptedFoundry()
  })
  afterAll(() => foundry.close())
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'bud-push-'))
    foundry.seen.length = 0
    foundry.on('POST /uploads', json(201, { id: 'upload-1', source_path: 'upload://upload-1' }))
    foundry.on('POST /models', json(202, { id: 'model-1', operation_id: 'op-1' }))
    return () => rmSync(folder, { recursive: true })
  })

  const write = (path: string, content: string) => {
    mkdirSync(join(folder, path, '..'), { recursive: true })
    writeFileSync(join(folder, path), content)
    foundry.on(`PUT /uploads/upload-1/files/${path.split('/').map(encodeURIComponent).join('/')}`, json(200, {}))
  }
  const push = (...args: string[]) =>
    runBud('model', 'push', folder, '--no-wait', '--url', foundry.url, '--token', 'a-token', ...args)
  const uploads = () => foundry.seen.filter(({ method }) => method === 'PUT')

  test('sends every file as it is, with its path, and registers them', async () => {
    write('config.json', '{}')
    write('weights/part 1.safetensors', 'x'.repeat(100_000))
    write('empty', '')
    const { code, stdout } = await push('--name', 'tiny')
    expect([code, stdout]).toEqual([0, 'Accepted: model-1, operation op-1.\n'])
    expect(uploads().map(({ path, body, headers }) => [path, body.length, headers['content-length']])).toEqual([
      ['/uploads/upload-1/files/config.json', 2, '2'],
      ['/uploads/upload-1/files/empty', 0, '0'],
      ['/uploads/upload-1/files/weights/part%201.safetensors', 100_000, '100000'],
    ])
    const registered = foundry.seen.find(({ path }) => path === '/models')
    expect(JSON.parse(registered?.body ?? '')).toEqual({ name: 'tiny', source_path: 'upload://upload-1' })
  })

  test('leaves out what git and download caches keep there', async () => {
    write('config.json', '{}')
    write('.git/config', 'x')
    write('sub/.cache/huggingface/x.lock', 'x')
    symlinkSync('/etc/passwd', join(folder, '.git', 'link'))
    expect((await push()).code).toBe(0)
    expect(uploads().map(({ path }) => path)).toEqual(['/uploads/upload-1/files/config.json'])
  })

  test('refuses symbolic links, to files and to folders, before anything is sent', async () => {
    for (const target of ['/etc/passwd', '/etc']) {
      write('config.json', '{}')
      symlinkSync(target, join(folder, 'link'))
      const { code, stderr } = await push()
      expect([code, stderr]).toEqual([2, expect.stringContaining('link is a symbolic link; push the files themselves')])
      expect(foundry.seen).toEqual([])
      rmSync(join(folder, 'link'))
    }
  })

  test('refuses an empty folder, and says how to get one to try', async () => {
    const { code, stderr } = await push()
    expect([code, stderr]).toEqual([2, expect.stringContaining('bud model sample')])
  })

  test('stops at a file that is not accepted, with the server’s words, and registers nothing', async () => {
    write('config.json', '{}')
    write('other.bin', 'x')
    foundry.on('PUT /uploads/upload-1/files/config.json', refusal(422, 'UNPROCESSABLE_CONTENT', 'It is too odd.'))
    const { code, stderr } = await push()
    expect([code, stderr]).toEqual([2, 'config.json was not accepted: It is too odd.\n'])
    expect(uploads()).toHaveLength(1)
    expect(foundry.seen.some(({ path }) => path === '/models')).toBe(false)
  })
})
