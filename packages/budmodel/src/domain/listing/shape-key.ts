/** Models of the same shape serve equally fast, whatever their weights say: one's measurements hold for the other. */
import type { ModelFacts } from '@bud/kernel'

export function shapeKeyOf(facts: ModelFacts): string {
  const { layers, hidden_size, attention_heads, kv_heads, head_dim, intermediate_size, vocab_size, experts } = facts
  const mixture = experts ? [experts.count, experts.per_token, experts.intermediate_size] : []
  return [layers, hidden_size, attention_heads, kv_heads, head_dim, intermediate_size, vocab_size, ...mixture].join('-')
}
