import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { runBud } from '../testing/run-bud.ts'
import { json, refusal, type ScriptedFoundry, startScriptedFoundry } from '../testing/scripted-foundry.ts'

let foundry: ScriptedFoundry
let folder: string
beforeAll(async () => {
  foundry = await startScriptedFoundry()
  folder = mkdtempSync(join(tmpdir(), 'bud-policy-'))
})
afterAll(async () => {
  rmSync(folder, { recursive: true })
  await foundry.close()
})
beforeEach(() => {
  foundry.seen.length = 0
})
const bud = (...args: string[]) => runBud('policy', ...args, '--url', foundry.url, '--token', 'x')
const sent = () => JSON.parse(foundry.seen[0]?.body ?? '')
const waiver = {
  name: 'known',
  rule: 'pickle-global',
  model: 'team/ranker',
  path: 'a.pkl',
  sha256: null,
  reason: 'Reviewed.',
  expires: '2026-12-31',
  expired: false,
}
const policy = { text: 'clamd: required\n', described: 'model-policy.yaml', digest: 'abc', waivers: [waiver] }

describe('the policy', () => {
  test('is shown as it is, so that it can be kept, changed and set again', async () => {
    foundry.on('GET /model-policy', json(200, policy))
    foundry.on('PUT /model-policy', json(200, policy))
    const shown = await bud('show')
    expect(shown.stdout).toBe('clamd: required\n')
    const file = join(folder, 'policy.yaml')
    writeFileSync(file, shown.stdout)
    foundry.seen.length = 0
    expect((await bud('set', file)).stdout).toBe('model-policy.yaml holds now (abc).\n')
    expect(sent()).toEqual({ text: 'clamd: required\n' })
  })

  test('that is refused is told with every problem', async () => {
    const problem = { code: 'unknown', message: 'There is no setting "clam".', evidence: 'line 1, column 1' }
    foundry.on('PUT /model-policy', refusal(422, 'UNPROCESSABLE_CONTENT', 'The policy has 1 problem.', [problem]))
    const file = join(folder, 'bad.yaml')
    writeFileSync(file, 'clam: x\n')
    const { code, stderr } = await bud('set', file)
    expect([code, stderr]).toEqual([2, expect.stringContaining('evidence: line 1, column 1')])
  })

  test('lets a finding through with a name, a reason and a date, and takes that back', async () => {
    foundry.on('POST /model-policy/waivers', json(201, policy))
    foundry.on('DELETE /model-policy/waivers/known', json(200, { ...policy, waivers: [] }))
    const line =
      'waive known --rule pickle-global --model team/ranker --path a.pkl --reason Reviewed. --expires 2026-12-31'
    const { stdout } = await bud(...line.split(' '))
    const { sha256: _sha256, expired: _expired, ...stated } = waiver
    expect(sent()).toEqual(stated)
    expect(stdout).toMatch(/known +pickle-global +team\/ranker +a\.pkl +any +2026-12-31 +Reviewed\./)
    expect((await bud('unwaive', 'known')).stdout).toBe('There are no waivers in model-policy.yaml.\n')
  })

  test('names everything that a waiver lacks', async () => {
    const { code, stderr } = await bud('waive', 'known', '--rule', 'script')
    expect([code, stderr]).toEqual([2, 'Missing: --model, --reason, --expires.\n'])
  })
})
