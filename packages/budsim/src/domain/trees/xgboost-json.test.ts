import { BudError } from '@bud/kernel'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { float32Text } from './float32-text.ts'
import { createSeededRandom } from './seeded-random.ts'
import { trainForest } from './train-forest.ts'
import {
  forestFromXgboostJson,
  forestFromXgboostObject,
  forestToXgboostJson,
  forestToXgboostObject,
} from './xgboost-json.ts'

const random = createSeededRandom(9)
const columns = [0, 1].map(() =>
  Float64Array.from({ length: 80 }, () => (random() < 0.1 ? Number.NaN : random() * 1e5 - 3e4)),
)
const target = Float64Array.from({ length: 80 }, (_, row) => Math.sqrt(Math.abs(columns[0]?.[row] || 7)))
const options = {
  ...{ trees: 5, depth: 3, learning_rate: 0.3, min_child_weight: 1, subsample: 1 },
  ...{ columns_per_tree: 1, lambda: 1, seed: 1 },
}
const forest = trainForest(
  { columns, feature_names: ['a "b"', 'Länge'], target },
  { ...options, objective: 'squared-error' },
)

describe('a written model', () => {
  test.each(['squared-error', 'absolute-error'] as const)('%s: is read back as it was', (objective) => {
    const trained = trainForest({ columns, feature_names: ['a "b"', 'Länge'], target }, { ...options, objective })
    expect(forestFromXgboostJson(forestToXgboostJson(trained))).toEqual(trained)
    expect(forestFromXgboostObject(JSON.parse(JSON.stringify(forestToXgboostObject(trained))))).toEqual(trained)
  })

  test('is JSON with the fields XGBoost writes, and marks its floats', () => {
    const text = forestToXgboostJson(forest)
    expect(() => JSON.parse(text)).not.toThrow()
    const floats = text.match(/"(base_weights|loss_changes|split_conditions|sum_hessian)":\[[^\]]*\]/g) ?? []
    expect(floats).toHaveLength(20)
    for (const number of floats.flatMap((list) => list.slice(list.indexOf('[') + 1, -1).split(','))) {
      expect(number).toMatch(/[.E]/)
    }
    expect(text).toMatch(/"base_score":"\[[0-9.]+\]"/)
  })

  test('floats are the shortest that read back as the same float32', () => {
    const texts = [2, 0, 0.1, -1.25, 1e-7, 3e30, 16777216, 0.3].map(float32Text)
    expect(texts).toEqual(['2.0', '0.0', '0.1', '-1.25', '1E-7', '3E+30', '16777216.0', '0.3'])
    fc.assert(
      fc.property(fc.float({ noNaN: true, noDefaultInfinity: true }), (value) => {
        expect(Math.fround(Number(float32Text(value)))).toBe(value + 0)
      }),
      { numRuns: 2000, seed: 2 },
    )
  })
})

/** The document with one thing set, deleted (undefined) or changed. */
function changed(path: string, change: unknown): unknown {
  const document = JSON.parse(forestToXgboostJson(forest))
  const keys = path.split('.')
  const last = keys.pop() ?? ''
  const place = keys.reduce((value, key) => value[key], document)
  place[last] = change
  return JSON.parse(JSON.stringify(document))
}
const MODEL = 'learner.gradient_booster.model'
const PARAMS = 'learner.learner_model_param'

describe('a model of another release', () => {
  test('may have a plain base score, booleans for directions and fewer fields', () => {
    expect(forestFromXgboostObject(changed(`${PARAMS}.base_score`, '5E-1')).base_score).toBe(0.5)
    const booleans = [...(forest.trees[0]?.default_left ?? [])].map((bit) => bit === 1)
    expect(forestFromXgboostObject(changed(`${MODEL}.trees.0.default_left`, booleans))).toEqual(forest)
    expect(forestFromXgboostObject(changed(`${MODEL}.trees.0.split_type`, undefined))).toEqual(forest)
    expect(forestFromXgboostObject(changed(`${MODEL}.cats`, undefined))).toEqual(forest)
  })

  test('names its features f0, f1, … where it has no names', () => {
    expect(forestFromXgboostObject(changed('learner.feature_names', [])).feature_names).toEqual(['f0', 'f1'])
  })

  test('loses the nodes that pruning cut off', () => {
    const pruned = {
      ...{ left_children: [3, -1, -1, -1, -1], right_children: [4, -1, -1, -1, -1] },
      ...{ split_indices: [1, 2 ** 31, 2 ** 31, 0, 0], split_conditions: [1.5, 0, 0, 7, 8] },
      default_left: [1, 0, 0, 0, 0],
    }
    const [tree] = forestFromXgboostObject(changed(`${MODEL}.trees`, [pruned])).trees
    expect([tree?.left, tree?.right].map((list) => [...(list ?? [])])).toEqual([
      [1, -1, -1],
      [2, -1, -1],
    ])
    expect([...(tree?.threshold ?? [])]).toEqual([1.5, 7, 8])
  })
})

describe('what is not supported or malformed is named', () => {
  const refusal = (read: () => unknown): string => {
    try {
      read()
    } catch (error) {
      if (error instanceof BudError && error.code === 'invalid-input') return error.message
      throw error
    }
    return 'was read'
  }

  test.each([
    ['learner.gradient_booster.name', 'dart', 'The booster is "dart", not "gbtree".'],
    [`${PARAMS}.num_class`, '3', 'It tells 3 classes apart.'],
    [`${PARAMS}.num_target`, '2', 'It has 2 targets.'],
    [`${PARAMS}.base_score`, '[1E0,2E0]', 'It has 2 base scores.'],
    [`${PARAMS}.base_score`, 'much', 'base_score is "much".'],
    [`${PARAMS}.base_score`, '', 'base_score is "".'],
    [`${PARAMS}.num_feature`, '99999999', '99999999 features are more than 65536.'],
    [`${PARAMS}.num_feature`, '3', '3 features have 2 names.'],
    [`${PARAMS}.num_feature`, 'many', 'num_feature'],
    ['learner.objective.name', 'rank:ndcg', 'not one of reg:squarederror, reg:absoluteerror.'],
    [`${MODEL}.tree_info`, [0, 1, 2, 0, 1], 'several classes'],
    [`${MODEL}.trees.1.split_type.0`, 1, 'Tree 1: node 0 is a categorical split.'],
    [`${MODEL}.trees.1.tree_param.size_leaf_vector`, '2', 'Tree 1: leaves of several targets.'],
    [`${MODEL}.trees.1.split_indices.0`, 2, 'Tree 1: node 0 asks for feature 2 of 2.'],
    [`${MODEL}.trees.1.left_children.0`, 0, 'Tree 1: node 0 is reached twice.'],
    [`${MODEL}.trees.1.right_children.0`, 1, 'Tree 1: node 1 is reached twice.'],
    [`${MODEL}.trees.1.left_children.0`, 9999, 'Tree 1: left_children of node 0 cannot be 9999.'],
    [`${MODEL}.trees.1.left_children.0`, -1, 'Tree 1: node 0 has one child.'],
    [`${MODEL}.trees.1.default_left`, [0], 'Tree 1: default_left has 1 entries'],
    [`${MODEL}.trees.1.left_children`, [], 'Tree 1: left_children holds no node.'],
    [`${MODEL}.trees.1.left_children.0`, 1.5, 'Tree 1: left_children of node 0 cannot be 1.5.'],
    [`${MODEL}.trees.1.sum_hessian`, {}, 'Tree 1: sum_hessian is no list.'],
    [`${MODEL}.trees.1`, null, 'Tree 1: it is no object.'],
    [`${MODEL}.trees.1.split_conditions.0`, 1e39, 'split_conditions of node 0 cannot be 1e+39.'],
    [`${MODEL}.trees.1.split_conditions.0`, 'x', 'split_conditions of node 0 cannot be "x".'],
    ['learner', undefined, 'learner'],
  ])('%s = %j', (path, change, message) => {
    expect(refusal(() => forestFromXgboostObject(changed(path, change)))).toContain(message)
  })

  test.each([
    ['', 'It is not JSON'],
    ['{"learner":', 'It is not JSON'],
    ['null', 'The model:'],
    ['[]', 'The model:'],
    [`${'['.repeat(200_000)}`, 'It is not JSON'],
  ])('a text that is no model: %.20s', (text, message) => {
    expect(refusal(() => forestFromXgboostJson(text))).toContain(message)
  })

  test('a very deep tree is read without running out of stack', () => {
    const depth = 50_000
    const chain = {
      left_children: Array.from({ length: 2 * depth + 1 }, (_, i) => (i % 2 === 0 && i < 2 * depth ? i + 1 : -1)),
      right_children: Array.from({ length: 2 * depth + 1 }, (_, i) => (i % 2 === 0 && i < 2 * depth ? i + 2 : -1)),
      split_indices: new Array(2 * depth + 1).fill(0),
      split_conditions: new Array(2 * depth + 1).fill(0.5),
      default_left: new Array(2 * depth + 1).fill(0),
    }
    const read = forestFromXgboostObject(changed(`${MODEL}.trees`, [chain]))
    expect(read.trees[0]?.left.length).toBe(2 * depth + 1)
  })

  test('whatever replaces any part of a model, it is read or refused', () => {
    const text = forestToXgboostJson(forest)
    const paths: string[] = []
    const collect = (value: unknown, path: string) => {
      if (path) paths.push(path)
      if (typeof value !== 'object' || value === null) return
      for (const [key, entry] of Object.entries(value)) collect(entry, path ? `${path}.${key}` : key)
    }
    collect(JSON.parse(text), '')
    fc.assert(
      fc.property(fc.constantFrom(...paths), fc.jsonValue(), (path, change) => {
        expect(refusal(() => forestFromXgboostObject(changed(path, change)))).toMatch(/cannot be read|was read/)
      }),
      { numRuns: 500, seed: 4 },
    )
    fc.assert(
      fc.property(fc.nat(text.length), fc.string({ maxLength: 6 }), fc.nat(20), (at, piece, cut) => {
        const broken = text.slice(0, at) + piece + text.slice(at + cut)
        expect(refusal(() => forestFromXgboostJson(broken))).toMatch(/cannot be read|was read/)
      }),
      { numRuns: 500, seed: 5 },
    )
  })
})
