/** Which model is meant: catalogue names, names without their owner, and releases of one architecture. */
import { invalidInput, type ModelFacts } from '@bud/kernel'
import type { CatalogueModel } from './catalogue-rows.ts'
import { createNearestNames, didYouMean, quoted } from './nearest-names.ts'

export interface ModelCatalogue {
  /**
   * A model whose architecture the name surely means: in any case, with or without its owner, and quantised, tuned or
   * dated releases of one architecture. Throws invalid-input, with the nearest names, when there is none.
   */
  resolve(name: string): CatalogueModel
  /** The next smaller model of the same family and generation; undefined when there is none. */
  smallerSibling(model: Pick<CatalogueModel, 'name' | 'facts'>): CatalogueModel | undefined
}

/** Words that tell releases of one architecture apart. */
const RELEASE_WORDS =
  /[-_.](instruct\d?|chat|it|hf|base|thinking|fp8|fp4|nvfp4|mxfp4|bf16|int[48]|awq|gptq|bnb|gguf|4bit|8bit|w\d+a\d+|dynamic|block|v0\.\d|2507|0528|0324)(?=$|[-_.])/g

/** "8b", "8x7b", "30b-a3b", "17b-16e". */
const SIZE = /(\d+x)?\d+(\.\d+)?b(-a\d+(\.\d+)?b)?(-\d+e)?/
/** A sibling has at most this share of the parameters. */
const SMALLER = 0.8
/** Releases of about the same size as the largest smaller one. */
const AS_LARGE = 0.9

const withoutOwner = (name: string): string => name.slice(name.lastIndexOf('/') + 1)
const architectureOf = (name: string): string =>
  withoutOwner(name)
    .replaceAll(RELEASE_WORDS, '')
    .replace(/^meta-/, '')

/** "llama-3" of Llama-3.1-70B-Instruct: models of one generation, whatever their size. */
const generationOf = (name: string): string =>
  architectureOf(name.toLowerCase())
    .replace(SIZE, '')
    .replaceAll(/(\d)\.\d+/g, '$1')
    .replaceAll(/[-_.]+$/g, '')

export function createModelCatalogue(models: readonly CatalogueModel[]): ModelCatalogue {
  const byName = new Map(models.map((model) => [model.name, model]))
  const byKeys = [(name: string) => name, withoutOwner, architectureOf].map((keyOf) => ({
    keyOf,
    models: groupBy(models, ({ name }) => keyOf(name.toLowerCase())),
  }))
  const nearest = createNearestNames(byName.keys())
  return {
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
    smallerSibling({ name, facts }) {
      const smaller = models.filter(
        (one) =>
          one.facts.architecture === facts.architecture &&
          one.facts.parameter_count < SMALLER * facts.parameter_count &&
          generationOf(one.name) === generationOf(name),
      )
      const largest = Math.max(...smaller.map((one) => one.facts.parameter_count))
      const alike = smaller.filter((one) => one.facts.parameter_count >= AS_LARGE * largest)
      const [nearestName] = createNearestNames(
        alike.map((one) => one.name),
        { tooFar: 1.1 },
      )(name)
      return alike.find((one) => one.name === nearestName)
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
