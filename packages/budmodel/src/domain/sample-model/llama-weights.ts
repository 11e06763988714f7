/** Seeded random weights of a tiny Llama as one safetensors file in bf16. */

export interface LlamaShape {
  layers: number
  hidden: number
  intermediate: number
  vocabulary: number
}

/** Standard deviation of freshly initialised Llama weights (config.json: initializer_range). */
const INITIAL_DEVIATION = 0.02
const BF16_BYTES = 2

export function llamaSafetensors(shape: LlamaShape, seed: number): Buffer {
  const random = seededNormal(seed)
  const header: Record<string, unknown> = { __metadata__: { format: 'pt' } }
  const parts: Buffer[] = []
  let offset = 0
  for (const [name, dimensions] of tensorsOf(shape)) {
    const count = dimensions.reduce((product, size) => product * size, 1)
    const isNorm = dimensions.length === 1
    const data = Buffer.alloc(count * BF16_BYTES)
    for (let i = 0; i < count; i++)
      data.writeUInt16LE(toBf16(isNorm ? 1 : random() * INITIAL_DEVIATION), i * BF16_BYTES)
    header[name] = { dtype: 'BF16', shape: dimensions, data_offsets: [offset, offset + data.length] }
    offset += data.length
    parts.push(data)
  }
  const text = JSON.stringify(header)
  const aligned = Buffer.from(text.padEnd(Math.ceil(text.length / 8) * 8))
  const length = Buffer.alloc(8)
  length.writeBigUInt64LE(BigInt(aligned.length))
  return Buffer.concat([length, aligned, ...parts])
}

function tensorsOf({ layers, hidden, intermediate, vocabulary }: LlamaShape): [string, number[]][] {
  const layer = (i: number): [string, number[]][] => [
    [`model.layers.${i}.input_layernorm.weight`, [hidden]],
    ...['q', 'k', 'v', 'o'].map((part): [string, number[]] => [
      `model.layers.${i}.self_attn.${part}_proj.weight`,
      [hidden, hidden],
    ]),
    [`model.layers.${i}.post_attention_layernorm.weight`, [hidden]],
    [`model.layers.${i}.mlp.gate_proj.weight`, [intermediate, hidden]],
    [`model.layers.${i}.mlp.up_proj.weight`, [intermediate, hidden]],
    [`model.layers.${i}.mlp.down_proj.weight`, [hidden, intermediate]],
  ]
  return [
    ['model.embed_tokens.weight', [vocabulary, hidden]],
    ...Array.from({ length: layers }, (_, i) => layer(i)).flat(),
    ['model.norm.weight', [hidden]],
    ['lm_head.weight', [vocabulary, hidden]],
  ]
}

/** The upper half of a float32, rounded to nearest. */
function toBf16(value: number): number {
  const bits = new Uint32Array(Float32Array.of(value).buffer)[0] ?? 0
  return ((bits + 0x7fff + ((bits >>> 16) & 1)) >>> 16) & 0xffff
}

/** Standard normal numbers: mulberry32 through Box and Muller. */
function seededNormal(seed: number): () => number {
  let state = seed >>> 0
  const uniform = () => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = Math.imul(state ^ (state >>> 15), state | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
  return () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform())
}
