import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { lockDataDir } from './data-dir-lock.ts'

const LOCK_MODULE = new URL('./data-dir-lock.ts', import.meta.url).href

describe('the data folder', () => {
  let parent: string
  let dir: string
  beforeEach(async () => {
    parent = await mkdtemp(join(tmpdir(), 'bud-'))
    dir = join(parent, 'deep', 'state')
  })
  afterEach(() => rm(parent, { recursive: true }))

  /** Another process that locks the folder and keeps it. */
  async function holdElsewhere() {
    const program = `const { lockDataDir } = await import(${JSON.stringify(LOCK_MODULE)})
      await lockDataDir(${JSON.stringify(dir)}); console.log('locked'); setInterval(() => {}, 1000)`
    const child = spawn(process.execPath, ['--input-type=module', '-e', program], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    await once(child.stdout, 'data')
    return child
  }

  test('is made for its owner only', async () => {
    const lock = await lockDataDir(dir)
    expect((await stat(dir)).mode & 0o777).toBe(0o700)
    lock.release()
  })

  test('is refused while another process has it, naming that process, the folder and what to do', async () => {
    const child = await holdElsewhere()
    const error = await lockDataDir(dir).catch((thrown) => thrown)
    expect(error).toMatchObject({ code: 'conflict', reasons: [{ code: 'data-dir-in-use' }] })
    expect(error.message).toContain(`The data folder ${dir} is in use by process ${child.pid} since 2`)
    expect(error.message).toContain('--data-dir')
    child.kill('SIGKILL')
    await once(child, 'exit')
  })

  test('is free again at once after its process was killed', async () => {
    const child = await holdElsewhere()
    child.kill('SIGKILL')
    await once(child, 'exit')
    const lock = await lockDataDir(dir)
    expect(JSON.parse(await readFile(join(dir, 'lock.json'), 'utf8')).pid).toBe(process.pid)
    lock.release()
  })

  test('is refused a second time in the same process until it is released', async () => {
    const lock = await lockDataDir(dir)
    await expect(lockDataDir(dir)).rejects.toThrow(/in use/)
    lock.release()
    lock.release()
    const again = await lockDataDir(dir)
    again.release()
  })

  test('of a newer version is refused', async () => {
    const lock = await lockDataDir(dir)
    lock.release()
    await writeFile(join(dir, 'format.json'), '{"format": 99}')
    await expect(lockDataDir(dir)).rejects.toThrow(/has format 99; this version .* formats up to 1. Start the newer/)
  })

  test('with a damaged format file is refused', async () => {
    const lock = await lockDataDir(dir)
    lock.release()
    await writeFile(join(dir, 'format.json'), '{')
    await expect(lockDataDir(dir)).rejects.toMatchObject({ reasons: [{ code: 'data-dir-unusable' }] })
  })

  test('that is a file, or lies below one, is refused', async () => {
    await writeFile(join(parent, 'file'), '')
    for (const path of [join(parent, 'file'), join(parent, 'file', 'state')]) {
      await expect(lockDataDir(path)).rejects.toMatchObject({
        code: 'failed',
        reasons: [{ code: 'data-dir-unusable' }],
      })
    }
  })

  test.skipIf(process.getuid?.() === 0)('that this user may not write is refused', async () => {
    await chmod(parent, 0o500)
    await expect(lockDataDir(dir)).rejects.toThrow(/cannot be created/)
    await chmod(parent, 0o700)
  })
})
