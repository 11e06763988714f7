/** A model's facts as the rows people read. */
import type { ModelDetail } from '@bud/contract'
import { formatBytes, formatCount, formatFigure, formatInteger, formatTokens, plural } from '../../../prepare/format.ts'
import { facetLabel } from './facet-labels.ts'

export interface FactRow {
  label: string
  value: string
  /** Takes two columns. */
  wide?: boolean
}

export function toFactRows(model: ModelDetail): FactRow[] {
  const { facts, tokenizer } = model
  const rows: (FactRow | undefined)[] = [
    { label: 'Architecture', value: facts?.architecture_class ?? model.architecture },
    { label: 'Modality', value: facetLabel('modality', model.modality) },
    { label: 'Parameters', value: formatCount(model.parameter_count) },
    model.active_parameter_count !== null && model.active_parameter_count !== model.parameter_count
      ? { label: 'Active per token', value: formatCount(model.active_parameter_count) }
      : undefined,
    { label: 'Context', value: `${formatTokens(model.context_length)} tokens` },
    ...(facts ? shapeRows(facts) : []),
    tokenizer ? { label: 'Tokenizer', wide: true, value: tokenizerText(tokenizer) } : undefined,
    model.languages.length > 0 ? { label: 'Languages', wide: true, value: languagesText(model.languages) } : undefined,
  ]
  return rows.filter((row) => row !== undefined)
}

type Facts = NonNullable<ModelDetail['facts']>

const shapeRows = (facts: Facts): (FactRow | undefined)[] => [
  { label: 'Weights', value: weightsText(facts) },
  { label: 'Layers', value: formatInteger(facts.layers) },
  { label: 'Hidden size', value: formatInteger(facts.hidden_size) },
  { label: 'Attention', value: attentionText(facts) },
  { label: 'Vocabulary', value: formatInteger(facts.vocab_size) },
  facts.experts
    ? { label: 'Experts', value: `${formatInteger(facts.experts.count)}, ${facts.experts.per_token} per token` }
    : undefined,
]

function weightsText(facts: Facts): string {
  const precision = facts.weight_precision
  return facts.weight_bytes === null ? precision : `${formatBytes(facts.weight_bytes)}, ${precision}`
}

export const attentionText = (facts: Facts): string =>
  `${facts.attention.toUpperCase()}, ${facts.attention_heads} heads, ${facts.kv_heads} KV`

export function tokenizerText(tokenizer: NonNullable<ModelDetail['tokenizer']>): string {
  const words = [
    tokenizer.kind ?? 'of unknown kind',
    tokenizer.vocab_size === null ? undefined : `${formatInteger(tokenizer.vocab_size)} tokens`,
    tokenizer.chat_template ? 'with chat template' : 'no chat template',
  ]
  return words.filter((word) => word !== undefined).join(', ')
}

const NAMED_LANGUAGES = 6

/** "English, German and 23 more" of codes such as "en". */
export function languagesText(codes: readonly string[]): string {
  const named = codes.slice(0, NAMED_LANGUAGES).map(languageName).join(', ')
  const left = codes.length - NAMED_LANGUAGES
  return left > 0 ? `${named} and ${plural(left, 'more', 'more')}` : named
}

function languageName(code: string): string {
  try {
    return new Intl.DisplayNames(['en'], { type: 'language' }).of(code) ?? code
  } catch {
    return code
  }
}

/** "temperature 0.6, top p 0.9": the defaults of generation_config.json. */
export const generationText = (generation: ModelDetail['generation']): string =>
  Object.entries(generation)
    .map(([name, value]) => `${name.replaceAll('_', ' ')} ${formatFigure(value)}`)
    .join(', ')
