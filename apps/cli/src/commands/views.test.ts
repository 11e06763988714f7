/** What people read of a search without a result, of metrics not measured yet, and of a list with nothing in it. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { runBud } from '../testing/run-bud.ts'
import { json, type ScriptedFoundry, startScriptedFoundry } from '../testing/scripted-foundry.ts'

let foundry: ScriptedFoundry
beforeAll(async () => {
  foundry = await startScriptedFoundry()
})
afterAll(() => foundry.close())
const bud = (...args: string[]) => runBud(...args, '--url', foundry.url, '--token', 'x')

const deployment = { runtime: 'vllm', resources: { gpu_type: 'L40S-48GB', gpu_count: 1 } }
const rejected = (count: number, message: string, path?: string) => ({
  reason: { code: 'x', message, path },
  count,
  example: deployment,
})
const search = (targets: object) => ({
  id: 'opt-1',
  model: { id: 'm', name: 'llama' },
  cluster: { id: 'c', name: 'demo' },
  targets,
  method: 'exhaustive',
  searched: 300,
  elapsed_ms: 3,
  feasible: false,
  candidates: [],
  nearest_misses: [],
  rejected: [
    rejected(280, 'It does not fit.', 'deployment.config'),
    rejected(1, 'No room.'),
    rejected(8, 'It does not fit.', 'deployment.config'),
  ],
  approval: null,
})

test('what was turned down is counted in configurations, like with like', async () => {
  foundry.on('GET /optimizations/opt-1', json(200, search({ ttft_ms: 1 })))
  const { code, stdout } = await bud('sim', 'show', 'opt-1')
  expect(code).toBe(1)
  expect(stdout).toContain('Nothing holds these targets.\n')
  expect(stdout).toContain('  • 288 configurations: It does not fit.\n  • 1 configuration: No room.\n')
})

test('a search without targets does not speak of targets', async () => {
  foundry.on('GET /optimizations/opt-1', json(200, search({})))
  const { stdout } = await bud('sim', 'show', 'opt-1')
  expect(stdout).toContain('No configuration can serve this on demo.\n')
  expect(stdout).not.toContain('targets')
})

test('metrics have units throughout, and say what a missing value waits for', async () => {
  const series = (metric: string, unit: string, latest: number | null) => ({
    metric,
    unit,
    latest,
    source: 'vllm',
    points: [],
  })
  foundry.on(
    'GET /endpoints/chat/metrics',
    json(200, {
      endpoint_id: 'e',
      from: '2026-01-01T00:00:00.000Z',
      to: '2026-01-01T00:05:00.000Z',
      step_s: 15,
      window_s: 60,
      series: [series('ttft_p99', 'ms', null), series('queue_depth', 'requests', 3)],
      rules: [{ metric: 'ttft_p99', op: '>', threshold: 500 }],
      predicted: [{ metric: 'ttft_p99', value: 120 }],
      usage: { requests: 4, failed_requests: 0, prompt_tokens: 10, completion_tokens: 20 },
    }),
  )
  const { stdout } = await bud('endpoint', 'metrics', 'chat')
  expect(stdout).toMatch(/ttft_p99 +not measured yet +> 500 ms +120 ms/)
  expect(stdout).toContain('Not measured yet: needs finished requests in the last minute.\n')
  expect(stdout).toContain('in the last 5 minutes.')
})

test('a search for models that finds none says so', async () => {
  foundry.on('GET /models', json(200, { items: [], next_cursor: null }))
  expect((await bud('model', 'list', '--search', 'zzz')).stdout).toBe('No model matches "zzz".\n')
})
