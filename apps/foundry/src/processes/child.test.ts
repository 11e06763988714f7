import { fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { type Child, type ChildOptions, startChild } from './child.ts'

/** Says that it is ready on the port it is given, or on a new one; ends with its parent, as ours do. */
const goodChild = `
  import { writeFileSync } from 'node:fs'
  process.on('disconnect', () => process.exit())
  process.on('SIGTERM', () => {
    writeFileSync(process.env.SIGN_OF_TERM, '')
    process.exit()
  })
  console.log('environment ' + Object.keys(process.env).sort().join(' '))
  process.send({ type: 'hello' })
  process.send({ type: 'ready', port: Number(process.argv[2] ?? 4711) })
`

const alive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}
const untilGone = (pid: number) => vi.waitFor(() => expect(alive(pid)).toBe(false), { timeout: 10_000 })

describe('a child process', () => {
  let folder: string
  let logged: { level: number; msg: string }[] = []
  const logger = pino({ level: 'info' }, { write: (line: string) => logged.push(JSON.parse(line)) })

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'bud-child-'))
  })
  afterAll(() => rmSync(folder, { recursive: true }))
  beforeEach(() => {
    logged = []
  })

  const script = (name: string, text: string): string => {
    const file = join(folder, `${name}.ts`)
    writeFileSync(file, text)
    return file
  }
  const signOfTerm = () => join(folder, 'terminated')
  const start = (text: string, options: Partial<ChildOptions> = {}): Promise<Child> =>
    startChild({
      name: 'helper',
      file: script('child', text),
      args: (port) => (port === undefined ? [] : [String(port)]),
      env: { SIGN_OF_TERM: signOfTerm() },
      logger,
      ...options,
    })

  test('is there once it says that it is ready, on the port it found', async () => {
    const child = await start(goodChild)
    expect(child.port).toBe(4711)
    expect(alive(child.pid ?? 0)).toBe(true)
    await child.stop()
  })

  test('gets none of our settings and secrets', async () => {
    process.env.BUD_TOKEN = 'hush'
    const child = await start(goodChild)
    delete process.env.BUD_TOKEN
    const environment = await vi.waitFor(() => {
      const line = logged.find(({ msg }) => msg.startsWith('environment'))
      if (!line) throw new Error('It has not spoken yet.')
      return line.msg.split(' ').slice(1)
    })
    expect(environment.filter((name) => !name.startsWith('NODE_'))).toEqual(['PATH', 'SIGN_OF_TERM'])
    await child.stop()
  })

  test('that ends before it is ready is an error with its last words', async () => {
    const starting = start(`console.error('first'); console.error('The port is taken.'); process.exitCode = 3`)
    await expect(starting).rejects.toThrow(/^helper ended \(3\) before it was ready\. first\nThe port is taken\.$/)
  })

  test('that cannot run at all is an error with what Node says', async () => {
    await expect(start('', { file: join(folder, 'missing.ts') })).rejects.toThrow(/before it was ready.*missing\.ts/s)
  })

  test('that dies is started again on the same port, and that is logged', async () => {
    const child = await start(goodChild)
    const first = child.pid ?? 0
    process.kill(first, 'SIGKILL')
    await vi.waitFor(() => expect(child.pid).not.toBe(first), { timeout: 10_000 })
    const second = child.pid ?? 0
    await vi.waitFor(() => expect(logged.filter(({ msg }) => msg.startsWith('environment'))).toHaveLength(2), {
      timeout: 10_000,
    })
    expect(child.port).toBe(4711)
    expect(logged.map(({ msg }) => msg)).toContain('helper ended (SIGKILL); starting it again in 200 ms')
    await child.stop()
    expect(alive(second)).toBe(false)
  })

  test('that keeps dying is given longer and longer pauses', async () => {
    const child = await start(`process.send({ type: 'ready', port: 4711 }, () => process.exit(1))`)
    const pauses = () => logged.flatMap(({ msg }) => /again in (\d+) ms/.exec(msg)?.[1] ?? [])
    await vi.waitFor(() => expect(pauses().slice(0, 3)).toEqual(['200', '400', '800']), { timeout: 15_000 })
    await child.stop()
  })

  test('that is stopped gets SIGTERM, and stays stopped', async () => {
    const child = await start(goodChild)
    const pid = child.pid ?? 0
    rmSync(signOfTerm(), { force: true })
    await child.stop()
    expect(alive(pid)).toBe(false)
    rmSync(signOfTerm())
    expect(logged.filter(({ msg }) => msg.includes('again'))).toEqual([])
  })

  test('that is stopped while it waits to be started again is not started', async () => {
    const child = await start(goodChild)
    process.kill(child.pid ?? 0, 'SIGKILL')
    await vi.waitFor(() => expect(logged.some(({ msg }) => msg.includes('again'))).toBe(true), { timeout: 10_000 })
    await child.stop()
    expect(logged.filter(({ msg }) => msg.startsWith('environment'))).toHaveLength(1)
  })

  test('ends when its parent is killed', async () => {
    const module = JSON.stringify(join(import.meta.dirname, 'child.ts'))
    const parent = script(
      'parent',
      `const { startChild } = await import(${module})
       const quiet = { info() {}, error() {} }
       const file = ${JSON.stringify(script('grandchild', goodChild))}
       const env = { SIGN_OF_TERM: ${JSON.stringify(signOfTerm())} }
       const child = await startChild({ name: 'helper', file, args: () => [], env, logger: quiet })
       process.send(child.pid)`,
    )
    const running = fork(parent, { execArgv: [], stdio: ['ignore', 'ignore', 'inherit', 'ipc'] })
    const [grandchild] = await once(running, 'message')
    expect(alive(grandchild)).toBe(true)
    running.kill('SIGKILL')
    await untilGone(grandchild)
  })
})
