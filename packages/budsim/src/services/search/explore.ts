/**
 * Which configurations are looked at: all of them, or those a genetic search leads to. Automatically, all while they
 * are few enough for an answer in a blink; a genetic search that finds nothing is never taken for proof of that.
 */
import type { SearchMethod } from '@bud/kernel'
import type { Evaluator } from './evaluator.ts'
import { exploreGenetically, type GeneticReport } from './genetic/explore-genetically.ts'
import type { Ranking } from './rank-candidates.ts'

/** Two predictions each at 50 µs: 300 ms. */
const MOST_EXHAUSTIVE = 3000
export const DEFAULT_SEED = 1

/** Evaluates, and says in words what that proves. */
export function explore(evaluator: Evaluator, ranking: Ranking, search: SearchMethod, seed: number): string {
  const space = spaceOf(evaluator)
  if (search === 'exhaustive' || space === 0 || (search === 'auto' && space <= MOST_EXHAUSTIVE)) {
    evaluateAll(evaluator)
    return `exhaustive: all ${count(space)} configurations that can run here`
  }
  const report = exploreGenetically(evaluator, ranking, seed)
  const genetic = describeGenetic(report, evaluator.evaluated, space)
  if (search === 'genetic' || hasFeasible(evaluator)) return genetic
  evaluateAll(evaluator)
  return `genetic (seed ${seed}) found nothing that holds; exhaustive: all ${count(space)} configurations that can run here`
}

function describeGenetic(report: GeneticReport, evaluated: number, space: number): string {
  const { seed, evolved, certificate, wholeLayouts, isProven } = report
  const then = [
    ...(certificate.changes ? ['every change of one setting of the best'] : []),
    ...(certificate.layouts ? ['its batch limits in every layout that could be better'] : []),
    ...(wholeLayouts > 0
      ? [
          `every variant of ${wholeLayouts === 1 ? 'one layout' : `${wholeLayouts} layouts`}${isProven ? ', which are all that could be better' : ''}`,
        ]
      : []),
  ]
  const rest = then.length > 0 ? `, then ${then.join(', ')}: ${count(evaluated)} in all` : ''
  return `genetic (seed ${seed}): ${count(evolved)} of ${count(space)} configurations${rest}`
}

export const spaceOf = ({ states }: Pick<Evaluator, 'states'>): number =>
  states.reduce((sum, { variants }) => sum + variants.length, 0)

function evaluateAll(evaluator: Evaluator): void {
  for (const state of evaluator.states) {
    for (let variant = 0; variant < state.variants.length; variant++) evaluator.evaluate(state, variant)
  }
}

const hasFeasible = ({ states }: Evaluator): boolean =>
  states.some(({ outcomes }) => outcomes.some((outcome) => outcome?.kind === 'feasible'))

const count = (value: number): string => value.toLocaleString('en-US')
