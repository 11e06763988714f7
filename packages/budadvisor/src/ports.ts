/** What advising needs to know of what runs: who serves, and what was served. */
import type { Deployment, EndpointStateName, GpuSpec, ModelFacts } from '@bud/kernel'
import type { EndpointWindow } from './domain/assess-window.ts'

export interface ServingEndpoint {
  project_id: string
  endpoint_id: string
  name: string
  state: EndpointStateName
  /** An operation is under way. */
  busy: boolean
  revision: number
  facts: ModelFacts
  deployment: Deployment
  gpu: GpuSpec
  /** Share of prompts expected in the prefix cache; 0 where nobody said. */
  prefix_cache_share: number
}

export interface ServingEndpoints {
  /** Of all projects. */
  list(): Promise<readonly ServingEndpoint[]>
}

export interface EndpointWindows {
  /** What was served since the last call; undefined when nothing was measured. */
  take(endpoint: Pick<ServingEndpoint, 'project_id' | 'endpoint_id'>): Promise<EndpointWindow | undefined>
}
