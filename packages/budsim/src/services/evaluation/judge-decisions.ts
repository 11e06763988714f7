/**
 * Whether picks made by prediction hold when measured: in every group of measured configurations of one model, GPU,
 * engine, precision and lengths, pick the highest predicted throughput per GPU whose TPOT bound holds a limit.
 */
import { mean, median } from '../../domain/averages.ts'
import { boundExponent, upperBound } from '../../domain/intervals/bound-at.ts'
import type { Judged } from './error-table.ts'

interface Configuration extends Judged {
  gpus: number
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

const TPOT_LIMITS_MS = [10, 15, 20, 25, 30, 40, 50, 60, 80, 100] as const
const LEAST_CONFIGURATIONS = 6

export function judgeDecisions(rows: readonly Judged[], confidence: number): DecisionQuality {
  const groups = groupsOf(rows).filter((group) => group.length >= LEAST_CONFIGURATIONS)
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
    regret_mean_percent: mean(regrets) * 100,
    regret_median_percent: median(regrets) * 100,
  }
}

function groupsOf(rows: readonly Judged[]): Configuration[][] {
  const groups = new Map<string, Configuration[]>()
  for (const judged of rows) {
    const { row } = judged.from
    // A pick is among loads and layouts: what was measured under another kind of load is no alternative.
    if (!(judged.measured.tpot > 0 && judged.measured.output > 0) || row.scenario !== 'closed-loop') continue
    const key = [row.model, row.gpu, row.engine, row.precision, row.isl, row.osl].join('|')
    const group = groups.get(key) ?? []
    groups.set(key, group)
    group.push({ ...judged, gpus: row.num_gpus })
  }
  return [...groups.values()]
}

const perGpu = ({ measured, gpus }: Configuration): number => measured.output / gpus

const bestOf = (group: readonly Configuration[]): Configuration | undefined =>
  group.reduce<Configuration | undefined>((best, one) => (best && perGpu(best) >= perGpu(one) ? best : one), undefined)

function pickOf(group: readonly Configuration[], limit: number, confidence: number): Configuration | undefined {
  const rate = ({ predicted, gpus }: Configuration) => predicted.output / gpus
  const exponent = boundExponent(confidence)
  const holding = group.filter(({ predicted, intervals }) => {
    const estimate = { value: predicted.tpot, ...intervals.tpot }
    return upperBound(estimate, exponent) <= limit
  })
  return holding.reduce<Configuration | undefined>(
    (best, one) => (best && rate(best) >= rate(one) ? best : one),
    undefined,
  )
}
