/** The next smaller model of a family: "start with smaller models" (the guide's best practices). */
import type { ModelFacts } from '@bud/kernel'

export interface NamedModel {
  name: string
  facts: ModelFacts
}

/** A sibling has at most this share of the parameters: less of a difference is not worth another look. */
const LARGEST_SHARE = 0.7

/** Sizes, and what tells releases of one size apart. */
const SIZE = /(?<=^|[-_.])(a?\d+(\.\d+)?[bm]|\d+x\d+b|\d+e)(?=$|[-_.])/g
const PRECISION = /[-_.](fp8|fp4|nvfp4|mxfp4|bf16|int[48]|awq|gptq|hf)(?=$|[-_.])/g

const ownerOf = (name: string): string => (name.includes('/') ? name.slice(0, name.indexOf('/')) : '').toLowerCase()
const lineOf = (name: string): string =>
  name
    .slice(name.indexOf('/') + 1)
    .toLowerCase()
    .replace(/^meta-/, '')
    .replaceAll(PRECISION, '')
    .replaceAll(SIZE, '')
    .replaceAll(/[-_.]{2,}/g, '-')
    .replaceAll(/^[-_.]|[-_.]$/g, '')
/** "qwen3", "qwen3moe" and "qwen3_moe" are one family. */
const familyOf = ({ architecture }: ModelFacts): string =>
  architecture
    .toLowerCase()
    .replaceAll(/[^a-z0-9.]/g, '')
    .replace(/(moe|text)$/, '')

/**
 * Of the models of the same family, the largest with at most 70 % of the parameters: of the same line of releases
 * ("Llama-3.1-…-Instruct") where there is one, else of the same owner by the closest name, else of the same
 * architecture. Undefined where the family has none smaller.
 */
export function findSmallerSibling<T extends NamedModel>(models: readonly T[], model: NamedModel): T | undefined {
  const line = lineOf(model.name)
  const owner = ownerOf(model.name)
  const family = familyOf(model.facts)
  const smaller = models
    .filter(({ facts }) => facts.parameter_count <= model.facts.parameter_count * LARGEST_SHARE)
    .filter(({ facts }) => familyOf(facts) === family)
    .map((one) => ({ one, kinship: kinshipOf(one, line, owner), likeness: sharedPrefix(lineOf(one.name), line) }))
  smaller.sort(
    (a, b) =>
      b.kinship - a.kinship ||
      b.likeness - a.likeness ||
      b.one.facts.parameter_count - a.one.facts.parameter_count ||
      (a.one.name < b.one.name ? -1 : 1),
  )
  return smaller[0]?.one
}

/** 2: the same line of releases, 1: the same owner, 0: the same architecture alone. */
const kinshipOf = ({ name }: NamedModel, line: string, owner: string): number =>
  lineOf(name) === line ? 2 : owner !== '' && ownerOf(name) === owner ? 1 : 0

function sharedPrefix(a: string, b: string): number {
  let length = 0
  while (length < Math.min(a.length, b.length) && a[length] === b[length]) length++
  return length
}
