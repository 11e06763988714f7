/**
 * What trees know beyond physics, per group of scenarios: forests on the log ratio of measured to calibrated figures.
 * How far they may pull depends on how new the case is: in closed loops physics alone is best for what was never seen
 * (predictor study, sections 3 and 6).
 */

import { modelKey } from '../intervals/interval-model.ts'
import {
  type CalibratedCase,
  type Figures,
  isClosedLoop,
  isStatedRate,
  type Target,
  throughputOf,
} from '../physics/calibrated.ts'
import type { Head } from '../physics/heads.ts'
import type { Forest } from '../trees/forest.ts'
import { createForestEvaluator, type ForestEvaluator } from '../trees/forest-evaluator.ts'
import { FEATURES, featuresOf, NARROW_FEATURES } from './features.ts'

/** Heads whose residuals are learnt together. Bursts have too few rows for trees. */
export const TREE_GROUPS = ['closed-loop', 'static-batch', 'legacy', 'rated'] as const
export type TreeGroup = (typeof TREE_GROUPS)[number]

export function treeGroupOf(head: Head): TreeGroup | null {
  if (head === 'burst') return null
  return head === 'offline' || head === 'open-loop' ? 'rated' : head
}

export type ForestRole = 'residual' | 'raw' | 'narrow'
export interface ResidualForest {
  group: TreeGroup
  target: Target
  role: ForestRole
  forest: Forest
}

export interface ResidualModel {
  forests: readonly ResidualForest[]
  /** Kind of load, architecture, GPU and engine of the rows: what deep trees may speak about, and intervals count as known. */
  seen: readonly string[]
}

/** Unseen closed loops: so much of what the narrow trees say of TPOT; of first tokens physics says more than they do. */
const NARROW_PULL = 0.3
/** Elsewhere predictions mix the corrected physics with trees that see no physics. */
const RAW_SHARE = 0.3
const MOST_CLOSED_PULL = 1

export function seenKey({ subject }: CalibratedCase): string {
  const { gpu, engine } = subject.case.build
  return `${subject.head}|${modelKey(subject.case)}|${gpu.id}|${engine}`
}

export interface Residuals {
  correct(one: CalibratedCase): Figures
  /** Whether closed-loop rows of this model, GPU and engine were trained on. */
  hasSeen(one: CalibratedCase): boolean
}

export function createResiduals(model: ResidualModel): Residuals {
  const seen = new Set(model.seen)
  const evaluatorOf = evaluatorsOnDemand(model.forests)
  const row = new Float64Array(FEATURES.length)
  const narrow = new Float64Array(NARROW_FEATURES.length)
  const narrowAt = NARROW_FEATURES.map((name) => FEATURES.indexOf(name))
  const evaluate = (group: TreeGroup, target: Target, role: ForestRole, values: Float64Array): number | undefined =>
    evaluatorOf(group, target, role)?.(values)

  function closedLoop(one: CalibratedCase, target: Target): number {
    if (seen.has(seenKey(one))) return evaluate('closed-loop', target, 'residual', row) ?? 0
    if (target !== 'tpot') return 0
    for (const [i, from] of narrowAt.entries()) narrow[i] = row[from] ?? 0
    return NARROW_PULL * (evaluate('closed-loop', target, 'narrow', narrow) ?? 0)
  }

  function otherwise(one: CalibratedCase, group: TreeGroup, target: Target): number {
    const value = Math.log(one.figures[target])
    const residual = evaluate(group, target, 'residual', row)
    if (residual === undefined) return one.figures[target]
    const raw = target === 'output' ? undefined : evaluate(group, target, 'raw', row)
    const corrected = value + residual
    return Math.exp(raw === undefined ? corrected : (1 - RAW_SHARE) * corrected + RAW_SHARE * raw)
  }

  return {
    hasSeen: (one) => seen.has(seenKey(one)),
    correct(one) {
      const group = treeGroupOf(one.subject.head)
      if (group === null) return one.figures
      featuresOf(one, row)
      const figures = { ...one.figures }
      if (group === 'closed-loop') {
        for (const target of ['tpot', 'ttft'] as const) {
          const pull = closedLoop(one, target)
          figures[target] *= Math.exp(Math.min(Math.max(pull, -MOST_CLOSED_PULL), MOST_CLOSED_PULL))
        }
        figures.output = throughputOf(one.subject, figures)
        return figures
      }
      figures.tpot = otherwise(one, group, 'tpot')
      figures.ttft = otherwise(one, group, 'ttft')
      if (isClosedLoop(one.subject.case)) figures.output = throughputOf(one.subject, figures)
      if (!isStatedRate(one.subject.case))
        figures.output = otherwise({ ...one, figures: { ...one.figures } }, group, 'output')
      return figures
    },
  }
}

/** A forest is read and laid out when its first case comes: a deployment needs those of closed loops alone. */
function evaluatorsOnDemand(forests: readonly ResidualForest[]) {
  const evaluators = new Map<ResidualForest, ForestEvaluator>()
  const byKey = new Map(forests.map((one) => [`${one.group} ${one.target} ${one.role}`, one]))
  return (group: TreeGroup, target: Target, role: ForestRole): ForestEvaluator | undefined => {
    const found = byKey.get(`${group} ${target} ${role}`)
    if (!found) return undefined
    const evaluator = evaluators.get(found) ?? createForestEvaluator(found.forest)
    evaluators.set(found, evaluator)
    return evaluator
  }
}
