import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { runBud } from '../testing/run-bud.ts'

describe('bud model check', () => {
  let folder: string
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'bud-check-'))
    expect((await runBud('model', 'sample', join(folder, 'tiny'), '--data-dir', folder, '--token', 'x')).code).toBe(0)
  })
  afterEach(() => rmSync(folder, { recursive: true }))
  const check = (...args: string[]) => runBud('model', 'check', join(folder, 'tiny'), ...args)
  const write = (path: string, content: string) => writeFileSync(join(folder, path), content)

  test('needs no server: 0 for a clean folder, with what was looked at', async () => {
    const { code, stdout } = await check()
    expect([code, stdout]).toEqual([0, expect.stringMatching(/tiny: clean\n5 files, 936 kB; all looked at/)])
    expect(stdout).toMatch(/signatures +\d+ +all\nsecrets +\d+ +all\nformats +\d+ +all/)
  })

  test('1 for a blocked one, with rule, place and evidence, also as JSON', async () => {
    write('tiny/x.pkl', 'cos\nsystem\n(S"id"\ntR.')
    const { code, stdout } = await check()
    expect([code, stdout]).toEqual([1, expect.stringContaining('[formats/pickle-global]\n    evidence: os.system')])
    const report = JSON.parse((await check('--json')).stdout)
    expect(report).toMatchObject({ verdict: 'blocked', findings: [{ rule: 'pickle-global', action: 'block' }] })
  })

  test('2 for one that cannot be looked at as the policy wants it', async () => {
    write('policy.yaml', 'clamd: required\n')
    const { code, stdout } = await check('--policy', join(folder, 'policy.yaml'))
    expect([code, stdout]).toEqual([2, expect.stringContaining('policy/clamd-missing')])
  })

  test('2 for a policy that is none, with every problem, and for a folder that is not there', async () => {
    write('policy.yaml', 'clam: x\nremote_code: maybe\n')
    const { code, stderr } = await check('--policy', join(folder, 'policy.yaml'))
    expect([code, stderr]).toEqual([2, expect.stringMatching(/clam.*\n.*remote_code/s)])
    expect((await runBud('model', 'check', join(folder, 'nothing'))).stderr).toMatch(/^There is no folder /)
  })
})
