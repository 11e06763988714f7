/** Models of the same shape serve equally fast, whatever their weights say: one's measurements hold for the other. */
import type { ModelFacts } from '@bud/kernel'

export function shapeKeyOf(facts: ModelFacts): string {
  const { layers, hidden_size, attention_heads, kv_heads, head_dim, intermediate_size, vocab_size, experts } = facts
  const mixture = experts ? [experts.count, experts.per_token, experts.intermediate_size] : []
  const sizes = [layers, hidden_size, attention_heads, kv_heads, head_dim, intermediate_size, vocab_size, ...mixture]
  return [...(facts.attention === 'mla' ? [familyOf(facts)] : []), ...sizes].join('-')
}

/** Latent attention with and without sparse lookup is the same in every size: only the family tells them apart. */
const familyOf = ({ architecture }: ModelFacts): string => architecture.toLowerCase().replace(/[^a-z0-9]/g, '')
