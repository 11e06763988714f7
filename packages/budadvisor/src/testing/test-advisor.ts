/** A whole advisor for tests: real database and predictor, endpoints that serve what a test says, a clock set by hand. */
import { createCasePredictor, createGpuCatalogue, createModelCatalogue, deploymentCaseOf } from '@bud/budsim'
import { loadReferenceData } from '@bud/budsim/adapters/reference-data'
import { untrainedModel } from '@bud/budsim/testing/untrained-model'
import { type Clock, Deployment } from '@bud/kernel'
import type { Platform } from '@bud/platform'
import { type Advisor, type AdvisorDependencies, createAdvisor } from '../create-advisor.ts'
import type { EndpointWindow } from '../domain/assess-window.ts'
import type { EndpointWindows, ServingEndpoint, ServingEndpoints } from '../ports.ts'

const reference = loadReferenceData()
const gpus = createGpuCatalogue(reference.gpus)
const models = createModelCatalogue(reference.models)
export const predictor = createCasePredictor(untrainedModel(), reference.kernels)
const WINDOW_MS = 300_000

class FakeServing implements ServingEndpoints, EndpointWindows {
  readonly endpoints: ServingEndpoint[] = []
  readonly windows = new Map<string, EndpointWindow>()

  async list(): Promise<readonly ServingEndpoint[]> {
    return this.endpoints
  }

  async take({ endpoint_id }: { endpoint_id: string }): Promise<EndpointWindow | undefined> {
    const window = this.windows.get(endpoint_id)
    this.windows.delete(endpoint_id)
    return window
  }
}

class TestClock implements Pick<Clock, 'nowMs'> {
  ms = Date.parse('2026-11-02T10:00:00.000Z')

  nowMs(): number {
    return this.ms
  }

  sleep(): Promise<void> {
    return Promise.resolve()
  }
}

export interface TestAdvisor {
  advisor: Advisor
  serving: FakeServing
  clock: TestClock
  caller: { project_id: string; name: string }
  warnings: string[]
  /** One round, in which the endpoint took so many times as long as predicted, at so many requests in flight. */
  serve(endpoint: ServingEndpoint, slowness: number, concurrency?: number): Promise<void>
}

export const testEndpoint = ({ gpu, ...change }: Partial<ServingEndpoint> = {}): ServingEndpoint => ({
  project_id: 'project-1',
  endpoint_id: 'ep-1',
  name: 'chat',
  state: 'ready',
  busy: false,
  revision: 1,
  facts: models.resolve('meta-llama/Llama-3.1-8B-Instruct').facts,
  deployment: Deployment.parse({
    runtime: 'vllm',
    replicas: 2,
    resources: { gpu_type: 'H100-SXM-80GB', gpu_count: 1 },
  }),
  gpu: gpu ?? (gpus.resolve('H100-SXM-80GB')[0] as ServingEndpoint['gpu']),
  prefix_cache_share: 0,
  ...change,
})

export function createTestAdvisor(
  platform: Platform,
  change: Partial<AdvisorDependencies> = {},
  project = 'project-1',
): TestAdvisor {
  const serving = new FakeServing()
  const clock = new TestClock()
  const warnings: string[] = []
  const advisor = createAdvisor({
    ...platform,
    clock,
    log: { info() {}, error() {}, warn: (_fields, message) => void warnings.push(message) },
    predictor,
    gpus,
    models,
    endpoints: serving,
    windows: serving,
    ...change,
  })
  return {
    advisor,
    serving,
    clock,
    warnings,
    caller: { project_id: project, name: 'Ada' },
    async serve(endpoint, slowness, concurrency = 8) {
      clock.ms += WINDOW_MS
      serving.windows.set(endpoint.endpoint_id, windowOf(endpoint, slowness, concurrency, clock.ms))
      await advisor.recordWindows()
    },
  }
}

/** As the endpoint would be measured if its replicas were so many times as slow as predicted. */
function windowOf(endpoint: ServingEndpoint, slowness: number, concurrency: number, toMs: number): EndpointWindow {
  const workload = { input_tokens: 1024, output_tokens: 256, prefix_cache_share: 0 }
  const { facts, deployment, gpu } = endpoint
  const { figures } = predictor.predict(deploymentCaseOf({ facts, deployment, gpu, workload, concurrency }))
  const requests = 1000
  return {
    from_ms: toMs - WINDOW_MS,
    to_ms: toMs,
    covered_s: WINDOW_MS / 1000,
    requests,
    failed_requests: 0,
    ttft_ms: figures.ttft * slowness,
    tpot_ms: figures.tpot * slowness,
    prompt_tokens: requests * workload.input_tokens,
    output_tokens: requests * workload.output_tokens,
    in_flight: concurrency * deployment.replicas,
    waiting_max: 0,
    replicas: deployment.replicas,
    steady: true,
  }
}
