/** Shapes of gated-delta-net and Mamba-2 layers, where config.json states them. */
import type { ConfigReader } from './config-reader.ts'
import type { MambaLayout } from './count-parameters.ts'

export function readRecurrentLayout(reader: ConfigReader, hidden: number): MambaLayout {
  return {
    linearParameters: linearParameters(reader, hidden),
    mambaParameters: mambaParameters(reader, hidden),
    gatedAttention: reader.flag('attn_output_gate') ?? reader.has('linear_num_value_heads'),
  }
}

/** Qwen3-Next / Qwen3.5: in-projection of q, k, v, z and two gates per value head, short convolution, output. */
function linearParameters(reader: ConfigReader, hidden: number): number | undefined {
  const keyHeads = reader.integer('linear_num_key_heads')
  const valueHeads = reader.integer('linear_num_value_heads')
  if (keyHeads === undefined || valueHeads === undefined) return undefined
  const key = keyHeads * (reader.integer('linear_key_head_dim') ?? 128)
  const value = valueHeads * (reader.integer('linear_value_head_dim') ?? 128)
  const kernel = reader.integer('linear_conv_kernel_dim') ?? 4
  return hidden * (2 * key + 2 * value + 2 * valueHeads) + (2 * key + value) * kernel + value * hidden
}

/** Mamba-2 (Nemotron-H, Bamba, Granite 4): in-projection of z, x, B, C, dt; output. */
function mambaParameters(reader: ConfigReader, hidden: number): number | undefined {
  const heads = reader.integer('mamba_num_heads', 'mamba_n_heads')
  const headDim = reader.integer('mamba_head_dim', 'mamba_d_head')
  const expand = reader.integer('expand', 'mamba_expand')
  const inner = heads !== undefined && headDim !== undefined ? heads * headDim : expand && expand * hidden
  if (!inner) return undefined
  const groups = reader.integer('n_groups', 'mamba_n_groups') ?? 1
  const state = reader.integer('ssm_state_size', 'mamba_d_state') ?? 128
  return hidden * (2 * inner + 2 * groups * state + (heads ?? 0)) + inner * hidden
}
