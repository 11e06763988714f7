/** What a search found, whichever strategy looked: by what became of each configuration. */
import type { Deployment, Reason } from '@bud/kernel'
import type { ShapeState } from './evaluator.ts'
import type { Evaluated, MissedBy } from './search-types.ts'

export interface Collected {
  feasible: Evaluated[]
  /** Dearer than a variant of their own layout, if they hold the limits at all. */
  behind: Evaluated[]
  missed: MissedBy[]
  /** One per configuration that misses a limit. */
  rejected: { reason: Reason; example: Deployment; violation: number }[]
}

export function collect(states: readonly ShapeState[]): Collected {
  const collected: Collected = { feasible: [], behind: [], missed: [], rejected: [] }
  for (const { outcomes, variants } of states) {
    for (const [index, variant] of variants.entries()) {
      const outcome = outcomes[index]
      if (outcome?.kind === 'feasible') collected.feasible.push(outcome.best)
      else if (outcome?.kind === 'behind') collected.behind.push(outcome.best)
      else if (outcome?.kind === 'missed') {
        const { nearest, reason, violation } = outcome
        collected.missed.push(...nearest)
        collected.rejected.push({ reason, violation, example: nearest[0]?.deployment ?? variant })
      }
    }
  }
  return collected
}
