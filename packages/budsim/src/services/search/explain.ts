/** Why a candidate stands where it stands, and what the nearest misses lack: sentences for people. */
import type { Objective, Reason, Remedy, Targets } from '@bud/kernel'
import { layoutName } from '../../domain/replica-layout.ts'
import { describeRemedy } from './describe-remedy.ts'
import { explainEngine } from './engine-affinity.ts'
import { usdPerHour } from './formats.ts'
import type { Limits } from './limits.ts'
import { paretoObjectives } from './pareto.ts'
import type { Evaluated, MissedBy } from './search-types.ts'

const SUPERLATIVE: Record<Objective, string> = {
  cost: 'Lowest cost',
  latency: 'Lowest latency',
  throughput: 'Highest throughput',
}

export interface Context {
  objective: Objective
  limits: Limits
  somePriceUnknown: boolean
}

export function explainCandidate(
  candidate: Evaluated,
  best: Evaluated,
  context: Context,
  remarks: readonly Reason[],
): string {
  if (candidate !== best) return `${layoutOf(candidate)}: ${compare(candidate, best)} the first.`
  const held = heldLimits(candidate, context.limits)
  const claim = `${superlative(candidate, context)}${held.length > 0 ? ' that holds every limit' : ''}`
  const engine = explainEngine(candidate.deployment.runtime, context.limits.workload)
  const details = [...held, ...(engine === '' ? [] : [engine])]
  const sentence = `${claim}: ${layoutOf(candidate)}${costOf(candidate)}${details.length > 0 ? `; ${details.join(', ')}` : ''}.`
  return [sentence, ...remarks.map(({ message }) => message)].join(' ')
}

/** A point of the Pareto front: what it is the best at, or how it compares with the recommended one. */
export function explainPoint(point: Evaluated, front: readonly Evaluated[], best: Evaluated, context: Context): string {
  const objectives = front.map(paretoObjectives)
  const own = paretoObjectives(point)
  const names = [
    point.prediction.cost_usd_per_hour === null ? 'fewest GPUs' : 'cheapest',
    'fastest end to end',
    'highest throughput',
  ]
  const firsts = names.filter((_, index) => objectives.every((other) => (own[index] ?? 0) <= (other[index] ?? 0)))
  const title = firsts.length > 0 ? `The ${firsts.join(', the ')} of the front: ` : ''
  const same = point.deployment === best.deployment
  return `${title}${layoutOf(point)}${costOf(point)}${same ? `, the one recommended for ${context.objective}` : `: ${compare(point, best)} the recommended one`}.`
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
  const { config, resources, replicas, runtime } = deployment
  const formats = [
    ...(config.quantization === undefined ? [] : [`${config.quantization} weights`]),
    ...(config.kv_cache_dtype === 'auto' ? [] : [`${config.kv_cache_dtype} cache`]),
  ]
  const inFormats = formats.length > 0 ? ` with ${formats.join(' and ')}` : ''
  return `${replicas} × (${resources.gpu_count} ${resources.gpu_type}, ${layoutName(config)}) on ${runtime}${inFormats}`
}

const costOf = ({ prediction }: Evaluated): string =>
  prediction.cost_usd_per_hour === null ? ', price unknown' : ` for ${usdPerHour(prediction.cost_usd_per_hour)}`

function heldLimits({ prediction }: Evaluated, { performance, confidence }: Limits): string[] {
  const words: Partial<Record<string, (reached: string, limit: string) => string>> = {
    ttft_ms: (reached, limit) => `first token p99 ${reached} of ${limit}`,
    e2e_ms: (reached, limit) => `end to end p99 ${reached} of ${limit}`,
    tokens_per_s: (reached, limit) => `up to ${reached} for ${limit} wanted`,
    tokens_per_s_per_user: (reached, limit) => `${reached} per stream for ${limit} wanted`,
  }
  const stated = performance.filter(({ constraint }) => words[constraint])
  const held = stated.flatMap(({ constraint, limit, reached, format }) => {
    const say = words[constraint]
    return say ? [say(format(reached(prediction)), format(limit))] : []
  })
  const isSure = stated.some(({ reached, predicted }) => reached(prediction) !== predicted(prediction))
  return isSure ? [...held, `each with ${Math.round(confidence * 100)} % confidence`] : held
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

/** What it misses, and what would make it feasible. */
export function explainMiss(miss: MissedBy, remedies: readonly Remedy[], targets: Targets): string {
  const all = miss.misses.map(({ reason }) => reason.message).join(' ')
  const several = miss.misses.length > 1 ? `${miss.misses.length} limits missed. ` : ''
  const ways = remedies.map((remedy) => describeRemedy(remedy, targets, miss))
  return `${layoutOf(miss)}: ${several}${all}${ways.length > 0 ? ` It would hold with ${ways.join(', or with ')}.` : ''}`
}
