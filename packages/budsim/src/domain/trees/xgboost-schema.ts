/** The parts of XGBoost's JSON model format (1.0 to 3.2) that a forest of one target needs. */
import { z } from 'zod'
import type { ForestObjective } from './forest.ts'

export const OBJECTIVES: Record<ForestObjective, string> = {
  'squared-error': 'reg:squarederror',
  'absolute-error': 'reg:absoluteerror',
}

const float32 = z
  .number()
  .refine((value) => Number.isFinite(Math.fround(value)), 'not a float32')
  .transform(Math.fround)
/** XGBoost writes its parameters as text. */
const parameter = z.union([z.string(), z.number()]).transform(Number).pipe(z.number())
const index = z.int().min(-1)

export const xgboostTreeSchema = z.object({
  left_children: z.array(index).min(1),
  right_children: z.array(index),
  split_indices: z.array(z.int().min(0)),
  split_conditions: z.array(float32),
  default_left: z.array(z.union([z.literal([0, 1]), z.boolean()])),
  split_type: z.array(z.int()).optional(),
  base_weights: z.array(float32).optional(),
  loss_changes: z.array(float32).optional(),
  sum_hessian: z.array(float32).optional(),
  tree_param: z.object({ size_leaf_vector: parameter.optional() }).optional(),
})

export type XgboostTree = z.infer<typeof xgboostTreeSchema>

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
      model: z.object({ tree_info: z.array(z.int()).default([]), trees: z.array(xgboostTreeSchema) }),
    }),
    learner_model_param: z.object({
      /** "5E-1", or since 3.1 "[5E-1]". */
      base_score: z.union([z.string(), z.number()]),
      num_feature: parameter.pipe(z.int().min(0)),
    }),
  }),
})
