/** XGBoost's JSON model format, so that its tools read our forests and we read theirs. */
import { type BudError, type ErrorReason, invalidInput, messageOf } from '@bud/kernel'
import type { z } from 'zod'
import { float32Text } from './float32-text.ts'
import { FEATURES_MAX, type Forest, type ForestObjective, type Tree } from './forest.ts'
import { OBJECTIVES, xgboostHeadSchema, xgboostModelSchema } from './xgboost-schema.ts'
import { treeFromXgboost, treeToXgboost } from './xgboost-tree.ts'

/** The release whose files these are. */
const VERSION = [3, 2, 0]
const FLOAT_FIELDS = new Set(['base_weights', 'loss_changes', 'split_conditions', 'sum_hessian'])
const REASONS_MAX = 20

/** A text that `xgboost.Booster` loads, predicts with and trains on. */
export function forestToXgboostJson(forest: Forest): string {
  return toText(forestToXgboostObject(forest), false)
}

/** The same as a document. Written by JSON.stringify it suits our reader, but not XGBoost's: see float32Text. */
export function forestToXgboostObject(forest: Forest) {
  const { trees, feature_names } = forest
  return {
    learner: {
      attributes: {},
      feature_names: [...feature_names],
      feature_types: [],
      gradient_booster: {
        model: {
          cats: { enc: [], feature_segments: [], sorted_idx: [] },
          gbtree_model_param: { num_parallel_tree: '1', num_trees: String(trees.length) },
          iteration_indptr: Array.from({ length: trees.length + 1 }, (_, i) => i),
          tree_info: trees.map(() => 0),
          trees: trees.map((tree, id) => treeToXgboost(tree, id, feature_names.length)),
        },
        name: 'gbtree',
      },
      learner_model_param: {
        base_score: `[${float32Text(forest.base_score)}]`,
        boost_from_average: '1',
        num_class: '0',
        num_feature: String(feature_names.length),
        num_target: '1',
      },
      objective: {
        name: OBJECTIVES[forest.objective],
        ...(forest.objective === 'squared-error' && { reg_loss_param: { scale_pos_weight: '1' } }),
      },
    },
    version: VERSION,
  }
}

function toText(value: unknown, isFloat: boolean): string {
  if (typeof value === 'number') return isFloat ? float32Text(value) : String(value)
  if (Array.isArray(value)) return `[${value.map((entry) => toText(entry, isFloat)).join()}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const entries = Object.entries(value).map(
    ([key, entry]) => `${JSON.stringify(key)}:${toText(entry, FLOAT_FIELDS.has(key))}`,
  )
  return `{${entries.join()}}`
}

/** Throws invalid-input, with every reason, where the text is malformed or asks for more than one numeric target. */
export function forestFromXgboostJson(text: string): Forest {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    throw refusal([{ code: 'malformed', message: `It is not JSON: ${messageOf(error)}` }])
  }
  return forestFromXgboostObject(value)
}

/** Features without names are called f0, f1, …, as XGBoost does. */
export function forestFromXgboostObject(value: unknown): Forest {
  const objective = readHead(value)
  const { learner } = checked(xgboostModelSchema, value)
  const { num_feature } = learner.learner_model_param
  const { trees: givenTrees, tree_info } = learner.gradient_booster.model
  const base_score = readBaseScore(learner.learner_model_param.base_score)
  const reasons = [...headProblems(num_feature, learner.feature_names, tree_info)]
  if (reasons.length > 0) throw refusal(reasons)
  const trees: Tree[] = []
  givenTrees.forEach((given, id) => {
    const tree = treeFromXgboost(given, id, num_feature)
    if ('left' in tree) trees.push(tree)
    else reasons.push(tree)
  })
  if (reasons.length > 0) throw refusal(reasons)
  const feature_names =
    learner.feature_names.length > 0
      ? learner.feature_names
      : Array.from({ length: num_feature }, (_, feature) => `f${feature}`)
  return { objective, feature_names, base_score, trees }
}

function readHead(value: unknown): ForestObjective {
  const { gradient_booster, learner_model_param, objective } = checked(xgboostHeadSchema, value).learner
  const names = Object.entries(OBJECTIVES) as [ForestObjective, string][]
  const known = names.find(([, name]) => name === objective.name)?.[0]
  const reasons: ErrorReason[] = []
  const unsupported = (message: string) => reasons.push({ code: 'unsupported', message })
  if (gradient_booster.name !== 'gbtree') unsupported(`The booster is "${gradient_booster.name}", not "gbtree".`)
  if (learner_model_param.num_class > 1) unsupported(`It tells ${learner_model_param.num_class} classes apart.`)
  if (learner_model_param.num_target > 1) unsupported(`It has ${learner_model_param.num_target} targets.`)
  if (!known) {
    unsupported(`The objective is "${objective.name}", not one of ${names.map(([, name]) => name).join(', ')}.`)
  }
  if (!known || reasons.length > 0) throw refusal(reasons)
  return known
}

function readBaseScore(given: string | number): number {
  const scores = String(given)
    .replace(/^\[|\]$/g, '')
    .split(',')
  const score = Math.fround(Number(scores[0]?.trim() || Number.NaN))
  if (scores.length > 1) throw refusal([{ code: 'unsupported', message: `It has ${scores.length} base scores.` }])
  if (!Number.isFinite(score)) throw refusal([{ code: 'malformed', message: `base_score is "${given}".` }])
  return score
}

function* headProblems(featureCount: number, names: string[], treeInfo: number[]): Iterable<ErrorReason> {
  const malformed = (message: string): ErrorReason => ({ code: 'malformed', message })
  if (featureCount > FEATURES_MAX) yield malformed(`${featureCount} features are more than ${FEATURES_MAX}.`)
  if (names.length > 0 && names.length !== featureCount) {
    yield malformed(`${featureCount} features have ${names.length} names.`)
  }
  if (treeInfo.some((group) => group !== 0)) {
    yield { code: 'unsupported', message: 'Its trees belong to several classes or targets.' }
  }
}

function checked<T>(schema: z.ZodType<T>, value: unknown): T {
  const result = schema.safeParse(value)
  if (result.success) return result.data
  throw refusal(
    result.error.issues.map((issue) => {
      const path = issue.path.join('.')
      return { code: 'malformed', message: `${path || 'The model'}: ${issue.message}`, path }
    }),
  )
}

function refusal(reasons: ErrorReason[]): BudError {
  const first = reasons[0]?.message ?? ''
  return invalidInput(`The XGBoost model cannot be read. ${first}`, reasons.slice(0, REASONS_MAX))
}
