/**
 * Whether picks made by prediction hold when measured: in every group of measured configurations of one model, GPU,
 * engine, precision and lengths, pick the highest predicted throughput per GPU whose TPOT bound holds a limit.
 */
import { boundExponent, upperBound } from '../../domain/intervals/bound-at.ts'
import type { Bounds } from '../../domain/intervals/interval-model.ts'

export interface JudgedConfiguration {
  group: string
  gpus: number
  predicted: { tpot: number; output: number }
  tpotInterval: Bounds
  measured: { tpot: number; output: number }
}

export interface DecisionQuality {
  confidence: number
  groups: number
  decisions: number
  /** Of all decisions, in percent. */
  met_percent: number
  violated_percent: number
  /** Something measured held the limit, but nothing was predicted to. */
  unanswered_percent: number
  /** Of the picks made. */
  met_of_picks_percent: number
  /** Throughput per GPU lost against the best that measurably held the limit, over picks that held. */
  regret_mean_percent: number
  regret_median_percent: number
}

export const TPOT_LIMITS_MS = [10, 15, 20, 25, 30, 40, 50, 60, 80, 100] as const
export const LEAST_CONFIGURATIONS = 6

export function judgeDecisions(configurations: readonly JudgedConfiguration[], confidence: number): DecisionQuality {
  const groups = [...groupsOf(configurations).values()].filter((group) => group.length >= LEAST_CONFIGURATIONS)
  let met = 0
  let violated = 0
  let unanswered = 0
  const regrets: number[] = []
  for (const group of groups) {
    for (const limit of TPOT_LIMITS_MS) {
      const best = bestOf(group.filter(({ measured }) => measured.tpot <= limit))
      const pick = pickOf(group, limit, confidence)
      if (pick === undefined) {
        // Where nothing measured holds the limit either, no answer is the right one.
        if (best !== undefined) unanswered++
      } else if (best === undefined || pick.measured.tpot > limit) violated++
      else {
        met++
        regrets.push(1 - perGpu(pick) / perGpu(best))
      }
    }
  }
  regrets.sort((a, b) => a - b)
  const decisions = met + violated + unanswered
  const percent = (count: number, of: number) => (of === 0 ? 0 : (count / of) * 100)
  return {
    confidence,
    groups: groups.length,
    decisions,
    met_percent: percent(met, decisions),
    violated_percent: percent(violated, decisions),
    unanswered_percent: percent(unanswered, decisions),
    met_of_picks_percent: percent(met, met + violated),
    regret_mean_percent: percent(
      regrets.reduce((sum, regret) => sum + regret, 0),
      regrets.length,
    ),
    regret_median_percent: (regrets[Math.floor(regrets.length / 2)] ?? 0) * 100,
  }
}

function groupsOf(configurations: readonly JudgedConfiguration[]): Map<string, JudgedConfiguration[]> {
  const groups = new Map<string, JudgedConfiguration[]>()
  for (const one of configurations) {
    const group = groups.get(one.group)
    if (group) group.push(one)
    else groups.set(one.group, [one])
  }
  return groups
}

const perGpu = ({ measured, gpus }: JudgedConfiguration): number => measured.output / gpus

const bestOf = (group: readonly JudgedConfiguration[]): JudgedConfiguration | undefined =>
  group.reduce<JudgedConfiguration | undefined>(
    (best, one) => (best && perGpu(best) >= perGpu(one) ? best : one),
    undefined,
  )

function pickOf(
  group: readonly JudgedConfiguration[],
  limit: number,
  confidence: number,
): JudgedConfiguration | undefined {
  const rate = ({ predicted, gpus }: JudgedConfiguration) => predicted.output / gpus
  const exponent = boundExponent(confidence)
  const holding = group.filter(({ predicted, tpotInterval }) => {
    const estimate = { value: predicted.tpot, ...tpotInterval }
    return upperBound(estimate, exponent) <= limit
  })
  return holding.reduce<JudgedConfiguration | undefined>(
    (best, one) => (best && rate(best) >= rate(one) ? best : one),
    undefined,
  )
}
