/** What an engine tells its metrics, in neutral terms; one recorder per engine turns it into that engine's families. */
import type { MetricFamily } from '@bud/engines'
import type { ActiveSequence, BatchObserver, StepPlan } from '../domain/batcher.ts'

/** The state that gauges show, read when metrics are asked for. */
export interface EngineGauges {
  running: number
  waiting: number
  /** Share of the KV cache that is held, 0–1. */
  kvUsage: number
  kvBlocks: number
  kvUsedBlocks: number
  kvBlockTokens: number
}

export interface HttpExchange {
  /** The matched route, "none" without one. */
  handler: string
  method: string
  status: number
  durationS: number
  requestBytes: number
  responseBytes: number
}

export interface EngineRecorder extends BatchObserver {
  stepped(plan: StepPlan, durationMs: number): void
  /** The client went away before the end. */
  aborted(active: ActiveSequence): void
  exchanged(exchange: HttpExchange): void
  render(gauges: EngineGauges): string
}

/** Static facts of the replica that metrics carry. */
export interface RecorderSetting {
  families: readonly MetricFamily[]
  servedModelName: string
  maxModelLen: number
  maxNumSeqs: number
  maxNumBatchedTokens: number
  gpuMemoryUtilization: number
  prefixCaching: boolean
  kvCapacityTokens: number
  kvBlockTokens: number
  startedAtS: number
}
