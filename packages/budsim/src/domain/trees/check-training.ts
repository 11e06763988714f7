/** What training data and options must be, said with every problem at once. */
import { type ErrorReason, invalidInput } from '@bud/kernel'
import { BINS_MAX } from './bin-columns.ts'
import type { TrainingData, TrainingOptions } from './train-forest.ts'

const DEPTH_MAX = 16
const REASONS_MAX = 20

/** Throws invalid-input. */
export function checkTraining(data: TrainingData, options: TrainingOptions): void {
  const reasons = [...optionProblems(options), ...dataProblems(data)]
  if (reasons.length > 0) throw invalidInput('The trees cannot be trained on this.', reasons.slice(0, REASONS_MAX))
}

function optionProblems(options: TrainingOptions): ErrorReason[] {
  const problems: ErrorReason[] = []
  const within = (path: keyof TrainingOptions, low: number, high: number, whole = false) => {
    const value = options[path]
    if (value === undefined) return
    const fits = typeof value === 'number' && value >= low && value <= high && (!whole || Number.isInteger(value))
    const kind = whole ? 'a whole number' : 'a number'
    const range = `${low === Number.MIN_VALUE ? 'above 0' : `of ${low}`} to ${high}`
    if (!fits) problems.push(problem(`${path} must be ${kind} ${range}, not ${value}.`, path))
  }
  within('trees', 0, 100_000, true)
  within('depth', 0, DEPTH_MAX, true)
  within('learning_rate', Number.MIN_VALUE, 10)
  within('min_child_weight', 0, Number.MAX_VALUE)
  within('subsample', Number.MIN_VALUE, 1)
  within('columns_per_tree', Number.MIN_VALUE, 1)
  within('lambda', 0, Number.MAX_VALUE)
  within('alpha', 0, Number.MAX_VALUE)
  within('bins', 2, BINS_MAX, true)
  within('seed', -(2 ** 53), 2 ** 53, true)
  return problems
}

function dataProblems({ columns, feature_names, target, weight }: TrainingData): ErrorReason[] {
  const problems: ErrorReason[] = []
  if (target.length === 0) problems.push(problem('There is no row to train on.', 'target'))
  if (columns.length !== feature_names.length) {
    problems.push(problem(`${columns.length} columns have ${feature_names.length} names.`, 'feature_names'))
  }
  feature_names.forEach((name, i) => {
    if (feature_names.indexOf(name) < i) problems.push(problem(`Two columns are called "${name}".`, 'feature_names'))
    if (/[[\]<]/.test(name))
      problems.push(problem(`XGBoost takes no "${name}": [, ] and < are its own.`, 'feature_names'))
  })
  const checkLength = (path: string, values: Float64Array) => {
    if (values.length === target.length) return
    problems.push(problem(`${path} has ${values.length} values, the target ${target.length}.`, path))
  }
  columns.forEach((column, i) => {
    const name = feature_names[i] ?? `column ${i}`
    checkLength(name, column)
    const row = column.findIndex((value) => Math.abs(Math.fround(value)) === Number.POSITIVE_INFINITY)
    if (row >= 0) problems.push(problem(`${name} is ${column[row]} in row ${row}: beyond float32.`, name))
  })
  const row = target.findIndex((value) => !Number.isFinite(Math.fround(value)))
  if (row >= 0) problems.push(problem(`The target is ${target[row]} in row ${row}.`, 'target'))
  return weight ? [...problems, ...weightProblems(weight, checkLength)] : problems
}

function weightProblems(weight: Float64Array, checkLength: (path: string, values: Float64Array) => void) {
  const problems: ErrorReason[] = []
  checkLength('weight', weight)
  const row = weight.findIndex((value) => !(value >= 0 && Number.isFinite(Math.fround(value))))
  if (row >= 0) problems.push(problem(`The weight is ${weight[row]} in row ${row}.`, 'weight'))
  if (!weight.some((value) => Math.fround(value) > 0)) problems.push(problem('No row has a weight.', 'weight'))
  return problems
}

const problem = (message: string, path: string): ErrorReason => ({ code: 'training', message, path })
