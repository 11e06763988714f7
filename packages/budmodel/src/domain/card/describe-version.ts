/** The small files of a version → what is shown beside its facts. Whatever cannot be read is as if it were not there. */
import type { GgufFacts } from '../facts/gguf-facts.ts'
import type { ModelModality } from '../listing/modality.ts'
import type { ModelCard } from './parse-model-card.ts'
import type { VersionCard } from './version-card.ts'

export interface SideFiles {
  card: ModelCard | null
  config: unknown
  tokenizerConfig: unknown
  generationConfig: unknown
  /** A chat_template.* file lies beside. */
  hasTemplateFile: boolean
  /** modules.json, as sentence-transformers write it. */
  hasModules: boolean
  gguf: GgufFacts | undefined
}

const MAX_DEFAULTS = 40

export function describeVersion(files: SideFiles, vocabSize: number | null): VersionCard {
  return {
    description: files.card?.description ?? null,
    languages: files.card?.languages ?? [],
    tokenizer: tokenizerOf(files, vocabSize),
    generation: numbersOf(files.generationConfig),
  }
}

/** The card says it best; else what the configuration shows. */
export function modalityOfVersion({ card, config, hasModules }: SideFiles): ModelModality {
  if (card?.modality) return card.modality
  if (has(config, 'vision_config')) return 'vision-language'
  if (has(config, 'audio_config')) return 'audio'
  return hasModules ? 'embedding' : 'text'
}

function tokenizerOf(
  { tokenizerConfig, hasTemplateFile, gguf }: SideFiles,
  vocab_size: number | null,
): VersionCard['tokenizer'] {
  if (isRecord(tokenizerConfig)) {
    const { tokenizer_class: kind, chat_template: template } = tokenizerConfig
    const own = typeof template === 'string' || (Array.isArray(template) && template.length > 0)
    return {
      kind: typeof kind === 'string' ? kind.slice(0, 100) : null,
      vocab_size,
      chat_template: own || hasTemplateFile,
    }
  }
  if (!gguf?.tokenizer) return null
  return { kind: gguf.tokenizer, vocab_size, chat_template: gguf.chat_template !== null || hasTemplateFile }
}

/** Token ids are no defaults of anything a person chooses. */
function numbersOf(config: unknown): Record<string, number> {
  if (!isRecord(config)) return {}
  const numbers = Object.entries(config).filter(
    (entry): entry is [string, number] => Number.isFinite(entry[1]) && !/token_id|^_/.test(entry[0]),
  )
  return Object.fromEntries(numbers.slice(0, MAX_DEFAULTS))
}

const has = (config: unknown, key: string): boolean => isRecord(config) && isRecord(config[key])

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
