/**
 * What published benchmark recipes set beside a row's columns: multi-token prediction, and settings that make new
 * requests wait some scheduler steps. They are in the measured rows, not in the engines' defaults, so deployments do
 * not have them.
 */

import { eraOf } from '../physics/heads.ts'
import { isSparseAttention } from '../physics/replica-passes.ts'
import type { ReplicaBuild, ServingCase } from '../physics/serving-case.ts'
import type { ServingRow } from './serving-row.ts'

/** DeepSeek's own prediction of three tokens, of one under attention data parallelism; accepted as InferenceX reports. */
const MULTI_TOKEN = {
  alone: { draftedTokens: 4, acceptedTokens: 2.5 },
  dataParallel: { draftedTokens: 2, acceptedTokens: 1.7 },
} as const
/** This build of TensorRT-LLM ran in the recipes with multi-token prediction alone, whatever the row's label says. */
const MULTI_TOKEN_BUILD = '1.2.0rc6.post3'

export function recipeSpeculation(
  { facts, engine, layout }: ReplicaBuild,
  row: ServingRow,
): ServingCase['speculation'] {
  const unlabelled = engine === 'tensorrt-llm' && facts.mla !== null && row.engine_version === MULTI_TOKEN_BUILD
  if (!row.speculative && !unlabelled) return undefined
  return layout.dataParallel > 1 ? MULTI_TOKEN.dataParallel : MULTI_TOKEN.alone
}

/** SGLang: --scheduler-recv-interval 30, or 10 below 16 in flight, on Blackwell for latent and linear attention. */
const SGLANG = { busyFrom: 16, busySteps: 15, calmSteps: 5 } as const
/** TensorRT-LLM: attention DP balance time-out 50, batch_wait_timeout_iters 20. */
const TENSORRT_LLM = { balanceSteps: 25, batchWaitSteps: 20 } as const
/** The recipes that wait for company are those of this shape. */
const BATCH_WAIT = { tokens: 1024, denseTensorParallelBelow: 8, latentFrom: 64, latentBelow: 256 } as const

/** The client of these measurements starts its requests one after another over an answer's time, and counts that too. */
const STAGGERED = { version: '1.0.0rc3', share: 0.75 } as const

export function recipeClientShare({ facts, engine }: ReplicaBuild, row: ServingRow): number {
  const staggered = engine === 'tensorrt-llm' && row.engine_version === STAGGERED.version && facts.experts === null
  return staggered && row.scenario === 'closed-loop' ? STAGGERED.share : 0
}

/** Half of the interval where arrivals are spread over it, the whole where the engine waits for company. */
export function recipeWaitSteps({ facts, gpu, engine, layout }: ReplicaBuild, row: ServingRow): number {
  if (row.scenario !== 'closed-loop') return 0
  const inFlight = row.concurrency_or_batch ?? 0
  if (engine === 'sglang') {
    const slowReceiver = (facts.mla !== null && !isSparseAttention(facts)) || facts.attention === 'hybrid-linear'
    if (!slowReceiver || !gpu.architecture.startsWith('Blackwell')) return 0
    return inFlight >= SGLANG.busyFrom ? SGLANG.busySteps : SGLANG.calmSteps
  }
  if (engine !== 'tensorrt-llm') return 0
  if (layout.dataParallel > 1 || row.attention_dp) return TENSORRT_LLM.balanceSteps
  if (row.isl !== BATCH_WAIT.tokens || row.osl !== BATCH_WAIT.tokens) return 0
  // TensorRT-LLM before 1.1 has no such setting.
  if (eraOf(engine, row.engine_version) !== 'tensorrt-llm') return 0
  const dense = facts.experts === null && layout.tensorParallel < BATCH_WAIT.denseTensorParallelBelow
  const latent =
    facts.mla !== null &&
    facts.weight_precision === 'fp8' &&
    inFlight >= BATCH_WAIT.latentFrom &&
    inFlight < BATCH_WAIT.latentBelow
  return dense || latent ? TENSORRT_LLM.batchWaitSteps : 0
}
