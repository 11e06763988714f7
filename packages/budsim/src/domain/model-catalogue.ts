/** Which model is meant: catalogue names, names without their owner, and releases of one architecture. */
import { invalidInput, type ModelFacts } from '@bud/kernel'
import type { CatalogueModel } from './catalogue-rows.ts'
import { createNearestNames, didYouMean, quoted } from './nearest-names.ts'

export interface ModelCatalogue {
  list(): readonly CatalogueModel[]
  /**
   * A model whose architecture the name surely means: in any case, with or without its owner, and quantised, tuned or
   * dated releases of one architecture. Throws invalid-input, with the nearest names, when there is none.
   */
  resolve(name: string): CatalogueModel
}

/** Words that tell releases of one architecture apart. */
const RELEASE_WORDS =
  /[-_.](instruct\d?|chat|it|hf|base|thinking|fp8|fp4|nvfp4|mxfp4|bf16|int[48]|awq|gptq|bnb|gguf|4bit|8bit|w\d+a\d+|dynamic|block|v0\.\d|2507|0528|0324)(?=$|[-_.])/g

const withoutOwner = (name: string): string => name.slice(name.lastIndexOf('/') + 1)
const architectureOf = (name: string): string =>
  withoutOwner(name)
    .replaceAll(RELEASE_WORDS, '')
    .replace(/^meta-/, '')

export function createModelCatalogue(models: readonly CatalogueModel[]): ModelCatalogue {
  const byName = new Map(models.map((model) => [model.name, model]))
  const byKeys = [(name: string) => name, withoutOwner, architectureOf].map((keyOf) => ({
    keyOf,
    models: groupBy(models, ({ name }) => keyOf(name.toLowerCase())),
  }))
  const nearest = createNearestNames(byName.keys())
  return {
    list: () => models,
    resolve(text) {
      const name = text.trim()
      const exact = byName.get(name)
      if (exact) return exact
      for (const { keyOf, models: groups } of byKeys) {
        const found = groups.get(keyOf(name.toLowerCase())) ?? []
        const [first] = found
        if (first && found.every(({ facts }) => isAlike(facts, first.facts))) return first
      }
      throw unknownModel(name, nearest(name))
    },
  }
}

function unknownModel(name: string, near: string[]): Error {
  const message = `No model ${quoted(name)} in the catalogue.${didYouMean(near)}`
  return invalidInput(message, [
    { code: 'unknown-model', message, path: 'model', next_step: 'Give its config.json for any other model.' },
  ])
}

const isAlike = (a: ModelFacts, b: ModelFacts): boolean =>
  a.layers === b.layers &&
  a.hidden_size === b.hidden_size &&
  a.attention_heads === b.attention_heads &&
  a.experts?.count === b.experts?.count

function groupBy<T>(items: readonly T[], keyOf: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>()
  for (const item of items) {
    const group = groups.get(keyOf(item))
    if (group) group.push(item)
    else groups.set(keyOf(item), [item])
  }
  return groups
}
