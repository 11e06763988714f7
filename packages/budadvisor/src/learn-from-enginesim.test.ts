/** Against a running engine simulator, whose timing differs from physics in a way that no predictor is told. */
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { createMetrics, type Metrics, metricsMigrations } from '@bud/budmetrics'
import { createHttpMetricSource } from '@bud/budmetrics/adapters/http-metric-source'
import { createCasePredictor, createGpuCatalogue, createTrainedPredictor } from '@bud/budsim'
import { loadReferenceData } from '@bud/budsim/adapters/reference-data'
import { loadTrainedModel } from '@bud/budsim/adapters/trained-model'
import { Deployment, systemClock } from '@bud/kernel'
import type { Platform } from '@bud/platform'
import { createTestPlatform } from '@bud/platform/testing/create-test-platform'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { advisorMigrations } from './index.ts'
import { createTestAdvisor, testEndpoint } from './testing/test-advisor.ts'

const ENGINESIM = fileURLToPath(new URL('../../../apps/enginesim/src/main.ts', import.meta.url))
const MODEL = 'meta-llama/Llama-3.1-8B-Instruct'
const GPU = 'A100-SXM-80GB'
const ENGINE = 'tensorrt-llm' as const
const OUTPUT_TOKENS = 24
/** Of each client, one after the other. */
const REQUESTS = 4
const SILENT = { info() {}, warn() {}, error() {} }

const reference = loadReferenceData()
const parts = { ...reference, model: loadTrainedModel() }
let platform: Platform
let simulator: { child: ChildProcess; base_url: string; metrics_url: string }
let metrics: Metrics
const source = createHttpMetricSource()

beforeAll(async () => {
  platform = await createTestPlatform()
  await platform.migrate('budadvisor', advisorMigrations)
  await platform.migrate('budmetrics', metricsMigrations)
  const child = fork(ENGINESIM, ['--try', ENGINE, '--model', MODEL, '--gpu', GPU], {
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
    execArgv: [],
  })
  const [line] = await once(child.stdout ?? child, 'data')
  simulator = { child, ...JSON.parse(String(line)) }
  const target = {
    endpoint_id: 'ep-1',
    project_id: 'project-1',
    endpoint_name: 'chat',
    engine: ENGINE,
    replicas: [{ id: 'r-0', metrics_url: simulator.metrics_url }],
    nodes: [],
  }
  metrics = createMetrics({
    database: platform.database,
    events: platform.events,
    clock: systemClock,
    log: SILENT,
    targets: { list: async () => [target], exists: async () => true },
    source,
  })
})
afterAll(async () => {
  simulator.child.disconnect()
  await once(simulator.child, 'exit')
  await source.close()
  await platform.close()
})

async function complete(): Promise<void> {
  const response = await fetch(`${simulator.base_url}/v1/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'demo', prompt: 'word '.repeat(256), max_tokens: OUTPUT_TOKENS, ignore_eos: true }),
  })
  if (!response.ok) throw new Error(`${response.status} ${await response.text()}`)
  await response.json()
}

/** As many clients as `concurrency`, each until each had its answers; then what that was. */
async function serve(concurrency: number) {
  await metrics.tick()
  metrics.takeServed('ep-1')
  await Promise.all(
    Array.from({ length: concurrency }, async () => {
      for (let i = 0; i < REQUESTS; i++) await complete()
    }),
  )
  await metrics.tick()
  return metrics.takeServed('ep-1')
}

it('brings predictions of loads that were never observed nearer to what is then measured', {
  timeout: 60_000,
}, async () => {
  const endpoint = testEndpoint({
    deployment: Deployment.parse({ runtime: ENGINE, resources: { gpu_type: GPU, gpu_count: 1 } }),
    gpu: createGpuCatalogue(reference.gpus).resolve(GPU)[0],
  })
  const test = createTestAdvisor(platform, {
    predictor: createCasePredictor(parts.model, parts.kernels),
    settings: { least_window_s: 0.2 },
  })
  test.serving.endpoints.push(endpoint)
  const observe = async (concurrency: number) => {
    const served = await serve(concurrency)
    if (served) test.serving.windows.set(endpoint.endpoint_id, { ...served, failed_requests: 0 })
    return test.advisor.recordWindows()
  }
  for (const concurrency of [6, 16, 6, 16]) expect(await observe(concurrency)).toMatchObject({ recorded: 1 })
  const refinement = test.advisor.refinementOf('project-1')
  expect(refinement?.observations).toBeGreaterThanOrEqual(3)

  const unseen = 10
  const measured = await serve(unseen)
  const { facts, deployment, gpu } = endpoint
  const query = {
    facts,
    deployment,
    gpu,
    workload: {
      input_tokens: Math.round((measured?.prompt_tokens ?? 0) / (measured?.requests ?? 1)),
      output_tokens: OUTPUT_TOKENS,
      prefix_cache_share: 0,
      concurrency: unseen,
    },
  }
  const errorOf = (predicted: number, actual: number | null | undefined) =>
    Math.abs(Math.log(predicted / (actual ?? 0)))
  const plain = createTrainedPredictor(parts).predict(query)
  const refined = createTrainedPredictor({ ...parts, refinement: () => refinement }).predict(query)
  expect(refined.evidence?.observations).toBeGreaterThanOrEqual(3)
  const errors = [plain, refined].map(({ tpot_ms }) => errorOf(tpot_ms.value, measured?.tpot_ms))
  expect(errors[1]).toBeLessThan((errors[0] ?? 0) * 0.7)
})
