/** A model as requests state it: a name of the catalogue, or any model by its config.json. */
import type { ModelFacts } from '@bud/kernel'
import { z } from 'zod'
import { parseModelConfig } from '../../domain/config/parse-model-config.ts'
import type { ModelCatalogue } from '../../domain/model-catalogue.ts'

export const StatedModel = z.union(
  [
    z.string().min(1),
    z.strictObject({
      name: z.string().min(1).default('the model'),
      config: z.unknown(),
      weight_bytes: z.int().positive().optional(),
    }),
  ],
  'must be a model’s name, or {name, config} with its config.json',
)

/** Throws invalid-input. */
export function resolveModel(
  stated: z.output<typeof StatedModel>,
  models: ModelCatalogue,
  notes: string[],
): { name: string; facts: ModelFacts } {
  if (typeof stated !== 'string') {
    return { name: stated.name, facts: parseModelConfig(stated.config, { weight_bytes: stated.weight_bytes }) }
  }
  const { name, facts } = models.resolve(stated)
  if (name !== stated) notes.push(`${stated} is read as ${name}.`)
  return { name, facts }
}
