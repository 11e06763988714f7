/** Why a candidate stands where it stands, and what the nearest misses lack: sentences for people. */
import type { Objective, Targets } from '@bud/kernel'
import { milliseconds, rate, usdPerHour } from './formats.ts'
import type { Evaluated, MissedBy } from './search-types.ts'

const SUPERLATIVE: Record<Objective, string> = {
  cost: 'Lowest cost',
  latency: 'Lowest latency',
  throughput: 'Highest throughput',
}

export function explainCandidate(
  candidate: Evaluated,
  best: Evaluated,
  context: { objective: Objective; targets: Targets; somePriceUnknown: boolean },
): string {
  if (candidate !== best) return `${layoutOf(candidate)}: ${compare(candidate, best)} the first.`
  const held = heldLimits(candidate, context.targets)
  const claim = `${superlative(candidate, context)}${held.length > 0 ? ' that holds every limit' : ''}`
  return `${claim}: ${layoutOf(candidate)}${costOf(candidate)}${held.length > 0 ? `; ${held.join(', ')}` : ''}.`
}

/** Cost says what it compares: unpriced GPUs stand behind the priced ones, by size. */
function superlative(
  { prediction }: Evaluated,
  { objective, somePriceUnknown }: { objective: Objective; somePriceUnknown: boolean },
): string {
  if (objective !== 'cost') return SUPERLATIVE[objective]
  if (prediction.cost_usd_per_hour === null) return 'Fewest GPUs'
  return somePriceUnknown ? `${SUPERLATIVE.cost} of the priced GPUs` : SUPERLATIVE.cost
}

function layoutOf({ deployment }: Evaluated): string {
  const { config, resources, replicas } = deployment
  const layout = `TP ${config.tensor_parallel_size}${config.pipeline_parallel_size > 1 ? ` × PP ${config.pipeline_parallel_size}` : ''}`
  return `${replicas} × (${resources.gpu_count} ${resources.gpu_type}, ${layout}) on ${deployment.runtime}`
}

const costOf = ({ prediction }: Evaluated): string =>
  prediction.cost_usd_per_hour === null ? ', price unknown' : ` for ${usdPerHour(prediction.cost_usd_per_hour)}`

function heldLimits({ prediction }: Evaluated, targets: Targets): string[] {
  const held: string[] = []
  if (targets.ttft_ms !== undefined) {
    held.push(`first token p99 ${milliseconds(prediction.ttft_ms_p99.value)} of ${milliseconds(targets.ttft_ms)}`)
  }
  if (targets.e2e_ms !== undefined) {
    held.push(`end to end p99 ${milliseconds(prediction.e2e_ms_p99.value)} of ${milliseconds(targets.e2e_ms)}`)
  }
  if (targets.tokens_per_s !== undefined) {
    held.push(
      `up to ${rate(prediction.max_output_tokens_per_s.value)} tokens/s for ${rate(targets.tokens_per_s)} wanted`,
    )
  }
  if (targets.tokens_per_s_per_user !== undefined) {
    held.push(
      `${rate(1000 / prediction.tpot_ms.value)} tokens/s per stream for ${rate(targets.tokens_per_s_per_user)} wanted`,
    )
  }
  return held
}

/** "costs 20 % more, 15 % slower end to end than"; differences under 2 % are not named. */
function compare(candidate: Evaluated, best: Evaluated): string {
  const differences: string[] = []
  const cost = candidate.prediction.cost_usd_per_hour
  const bestCost = best.prediction.cost_usd_per_hour
  if (cost === null) differences.push('price unknown')
  else if (bestCost !== null) relative(differences, cost / bestCost, 'dearer', 'cheaper')
  relative(
    differences,
    candidate.prediction.e2e_ms.value / best.prediction.e2e_ms.value,
    'slower end to end',
    'faster end to end',
  )
  relative(
    differences,
    candidate.prediction.max_output_tokens_per_s.value / best.prediction.max_output_tokens_per_s.value,
    'more throughput',
    'less throughput',
  )
  return differences.length === 0 ? 'practically equal to' : `${differences.join(', ')} than`
}

function relative(differences: string[], ratio: number, more: string, less: string): void {
  const percent = Math.round(Math.abs(ratio - 1) * 100)
  if (percent >= 2) differences.push(`${percent} % ${ratio > 1 ? more : less}`)
}

/** What it misses, what would make it feasible. */
export function explainMiss(miss: MissedBy, remedy: string | undefined): string {
  const [worst] = [...miss.misses].sort((a, b) => b.excess - a.excess)
  const all = miss.misses.map(({ reason }) => reason.message).join(' ')
  const others = miss.misses.length > 1 ? `${miss.misses.length} limits missed. ` : ''
  const next = remedy ?? worst?.reason.next_step
  return `${layoutOf(miss)}: ${others}${all}${next ? ` ${next}` : ''}`
}
