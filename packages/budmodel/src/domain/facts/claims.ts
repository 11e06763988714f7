/** What a registration says about a model, held against what its files say. The files win; the difference is shown. */
import type { ModelFacts } from '@bud/kernel'

export interface Claims {
  architecture?: string | undefined
  parameter_count?: number | undefined
  context_length?: number | undefined
  base_model?: string | undefined
  licence?: string | undefined
}

export interface FactConflict {
  field: string
  claimed: string
  found: string
  message: string
}

/** People say "7B" of 6.74 billion: only a difference beyond this share is one. */
const PARAMETER_TOLERANCE = 0.1

export function findConflicts(claims: Claims, facts: ModelFacts): FactConflict[] {
  const conflicts: FactConflict[] = []
  const { architecture, parameter_count: parameters, context_length: context } = claims
  if (architecture !== undefined && !names(facts).includes(normalise(architecture))) {
    conflicts.push(conflictOf('architecture', architecture, facts.architecture))
  }
  if (
    parameters !== undefined &&
    Math.abs(parameters - facts.parameter_count) > PARAMETER_TOLERANCE * facts.parameter_count
  ) {
    conflicts.push(conflictOf('parameter_count', String(parameters), String(facts.parameter_count)))
  }
  if (context !== undefined && facts.context_length !== null && context !== facts.context_length) {
    conflicts.push(conflictOf('context_length', String(context), String(facts.context_length)))
  }
  return conflicts
}

const names = ({ architecture, architecture_class }: ModelFacts): string[] =>
  [architecture, architecture_class ?? architecture].map(normalise)

const normalise = (name: string): string => name.toLowerCase().replace(/[^a-z0-9]/g, '')

const conflictOf = (field: string, claimed: string, found: string): FactConflict => ({
  field,
  claimed,
  found,
  message: `The registration says ${field} ${claimed}, the files say ${found}. The files are right.`,
})
