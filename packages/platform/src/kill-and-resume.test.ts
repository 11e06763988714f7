import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, expect, test } from 'vitest'

const CHILD = fileURLToPath(new URL('./testing/kill-flow-child.ts', import.meta.url))
const STEPS = ['reserve', 'transfer', 'start', 'verify', 'undo start', 'undo transfer', 'undo reserve']

const folder = mkdtempSync(join(tmpdir(), 'bud-kill-'))
const effectsFile = join(folder, 'effects')
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** Resolves with how the process ended: its exit code, or the signal that killed it. */
const runChild = (unfinished: string, next: string, step = '', moment = ''): Promise<number | string | null> =>
  new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [CHILD, join(folder, 'state'), effectsFile, unfinished, next, step, moment], {
      stdio: 'inherit',
    })
    child.once('error', reject)
    child.once('exit', (code, signal) => resolve(signal ?? code))
  })

const effectsOf = (flowId: string): string[] =>
  (existsSync(effectsFile) ? readFileSync(effectsFile, 'utf8') : '')
    .split('\n')
    .filter((line) => line.startsWith(`${flowId} `))
    .map((line) => line.slice(flowId.length + 1))

/** After its effect, before it is remembered, is the moment that hurts; before the effect, in one step of each direction. */
const rounds = [
  ...STEPS.map((step) => ({ step, moment: 'after' })),
  { step: 'transfer', moment: 'before' },
  { step: 'undo transfer', moment: 'before' },
].map((round) => ({ ...round, id: `run-${round.step}-${round.moment}`.replace(' ', '-') }))

test('a flow killed in any step goes on in a new process: every effect happened, only the interrupted one twice', {
  timeout: 180_000,
}, async () => {
  let unfinished = '-'
  for (const { step, moment, id } of rounds) {
    expect(await runChild(unfinished, id, step, moment)).toBe('SIGKILL')
    unfinished = id
  }
  expect(await runChild(unfinished, '-')).toBe(0)

  for (const { step, moment, id } of rounds) {
    const expected = STEPS.flatMap((name) => (name === step && moment === 'after' ? [name, name] : [name]))
    expect(effectsOf(id), `killed ${moment} the effect of "${step}"`).toEqual([...expected, 'failed with failed'])
  }
})
