/** What a README.md says about its model. Cards are strangers' files: nothing in them is trusted, all of it is bounded. */
import type { LicenceFields } from '../licences/stated-licence.ts'
import type { ModelModality } from '../listing/modality.ts'
import { textValue, textValues } from './card-values.ts'
import { readFrontMatter } from './front-matter.ts'
import { modalityOf } from './modality-of.ts'
import { type CardBenchmark, readModelIndex } from './model-index.ts'
import { firstParagraph } from './plain-text.ts'

/** As Hugging Face has it in base_model_relation. */
export type CardRelation = 'adapter' | 'finetune' | 'quantized' | 'merge'

export interface ModelCard {
  licence: LicenceFields
  /** `relation` null: the card does not say how. */
  base_models: { name: string; relation: CardRelation | null }[]
  tags: string[]
  pipeline_tag: string | null
  /** Null when the card does not tell. */
  modality: ModelModality | null
  languages: string[]
  library_name: string | null
  quantized_by: string | null
  benchmarks: CardBenchmark[]
  /** The first paragraph as plain text, at most 300 characters. */
  description: string | null
  /** Sentences about what could not be read. */
  problems: string[]
}

const RELATIONS: readonly CardRelation[] = ['adapter', 'finetune', 'quantized', 'merge']
const MAX_TAGS = 50
const MAX_LANGUAGES = 100

export function parseModelCard(text: string): ModelCard {
  const { values, body, problem } = readFrontMatter(text)
  const given = values ?? {}
  const tags = textValues(given.tags, MAX_TAGS, 64)
  const task = textValue(given.pipeline_tag, 64)
  const library = textValue(given.library_name, 64)
  return {
    licence: {
      license: textValues(given.license, 10),
      license_name: textValue(given.license_name),
      license_link: textValue(given.license_link, 2048),
    },
    base_models: baseModelsOf(given, tags, library),
    tags,
    pipeline_tag: task,
    modality: modalityOf(task, tags, library) ?? null,
    languages: textValues(given.language, MAX_LANGUAGES, 32),
    library_name: library,
    quantized_by: textValue(given.quantized_by, 96),
    benchmarks: readModelIndex(given['model-index']),
    description: firstParagraph(body),
    problems: problem === null ? [] : [problem],
  }
}

/** The relation that is stated, else what several bases, the library or the tags mean. */
function baseModelsOf(
  given: Record<string, unknown>,
  tags: readonly string[],
  library: string | null,
): ModelCard['base_models'] {
  const names = textValues(given.base_model, 20)
  const stated = RELATIONS.find((relation) => relation === given.base_model_relation)
  const relation = stated ?? impliedRelation(names.length, tags, library, given)
  return names.map((name) => ({ name, relation }))
}

function impliedRelation(
  bases: number,
  tags: readonly string[],
  library: string | null,
  given: Record<string, unknown>,
): CardRelation | null {
  const tagged = (...words: string[]) => tags.some((tag) => words.includes(tag.toLowerCase()))
  if (library === 'peft' || tagged('lora', 'adapter')) return 'adapter'
  if (textValue(given.quantized_by) !== null || tagged('gguf', 'awq', 'gptq', 'quantized', 'exl2')) return 'quantized'
  return bases > 1 || tagged('merge', 'mergekit') ? 'merge' : null
}
