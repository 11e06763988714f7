/** A model's facts as the rows people read. */
import type { ModelDetail } from '@bud/contract'
import { formatBytes, formatCount, formatInteger, formatTokens } from '../../../prepare/format.ts'

interface FactRow {
  label: string
  value: string
}

export function toFactRows(model: ModelDetail): FactRow[] {
  const { facts } = model
  const rows: (FactRow | undefined)[] = [
    { label: 'Architecture', value: facts?.architecture_class ?? model.architecture },
    { label: 'Parameters', value: formatCount(model.parameter_count) },
    model.active_parameter_count !== null && model.active_parameter_count !== model.parameter_count
      ? { label: 'Active per token', value: formatCount(model.active_parameter_count) }
      : undefined,
    { label: 'Context', value: `${formatTokens(model.context_length)} tokens` },
  ]
  if (facts) {
    rows.push(
      { label: 'Weights', value: weightsText(facts) },
      { label: 'Layers', value: formatInteger(facts.layers) },
      { label: 'Hidden size', value: formatInteger(facts.hidden_size) },
      { label: 'Attention', value: attentionText(facts) },
      { label: 'Vocabulary', value: formatInteger(facts.vocab_size) },
      facts.experts
        ? { label: 'Experts', value: `${formatInteger(facts.experts.count)}, ${facts.experts.per_token} per token` }
        : undefined,
    )
  }
  return rows.filter((row) => row !== undefined)
}

type Facts = NonNullable<ModelDetail['facts']>

function weightsText(facts: Facts): string {
  const precision = facts.weight_precision
  return facts.weight_bytes === null ? precision : `${formatBytes(facts.weight_bytes)}, ${precision}`
}

function attentionText(facts: Facts): string {
  return `${facts.attention.toUpperCase()}, ${facts.attention_heads} heads, ${facts.kv_heads} KV`
}
