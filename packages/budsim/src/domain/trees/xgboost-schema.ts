/** The parts of XGBoost's JSON model format (1.0 to 3.2) that a forest of one target needs, around its trees. */
import { z } from 'zod'
import type { ForestObjective } from './forest.ts'

export const OBJECTIVES: Record<ForestObjective, string> = {
  'squared-error': 'reg:squarederror',
  'absolute-error': 'reg:absoluteerror',
}

/** XGBoost writes its parameters as text. */
const parameter = z.union([z.string(), z.number()]).transform(Number).pipe(z.number())

/** What says whether the trees can be read at all: looked at before them. */
export const xgboostHeadSchema = z.object({
  learner: z.object({
    gradient_booster: z.object({ name: z.string() }),
    learner_model_param: z.object({
      num_class: parameter.default(0),
      num_target: parameter.default(1),
    }),
    objective: z.object({ name: z.string() }),
  }),
})

export const xgboostModelSchema = z.object({
  learner: z.object({
    feature_names: z.array(z.string()).default([]),
    gradient_booster: z.object({
      model: z.object({ tree_info: z.array(z.int()).default([]), trees: z.array(z.unknown()) }),
    }),
    learner_model_param: z.object({
      /** "5E-1", or since 3.1 "[5E-1]". */
      base_score: z.union([z.string(), z.number()]),
      num_feature: parameter.pipe(z.int().min(0)),
    }),
  }),
})
