/** Writes GGUF files, also such as lie about their lengths, types and layout. */

export type GgufInput =
  | { type: 'u32' | 'u64' | 'i32' | 'f32' | 'bool'; value: number | bigint }
  | { type: 'text'; value: string }
  | { type: 'texts'; value: readonly string[] }
  | { type: 'numbers'; value: readonly number[] }
  /** Type number and bytes as they are. */
  | { type: 'raw'; code: number; bytes: Uint8Array }

export interface GgufTensorInput {
  name: string
  shape: readonly (number | bigint)[]
  /** ggml's number: 0 is F32, 1 is F16, 8 is Q8_0. */
  type: number
  /** Where it is said to lie; one after the other, aligned, when left out. */
  offset?: number | bigint
  bytes: number
}

export interface GgufOptions {
  version?: 1 | 2 | 3 | number
  bigEndian?: boolean
  tensorCount?: bigint
  pairCount?: bigint
  alignment?: number
  trailing?: Uint8Array
}

const CODES = { u32: 4, i32: 5, f32: 6, bool: 7, text: 8, u64: 10 }

export function ggufOf(
  pairs: readonly (readonly [string, GgufInput])[],
  tensors: readonly GgufTensorInput[],
  options: GgufOptions = {},
): Buffer {
  const { version = 3, bigEndian = false, alignment = 32 } = options
  const write = writerFor(bigEndian, version === 1)
  const table: Buffer[] = []
  let next = 0
  for (const tensor of tensors) {
    const offset = BigInt(tensor.offset ?? next)
    table.push(
      write.text(tensor.name),
      write.u32(tensor.shape.length),
      ...tensor.shape.map((size) => write.size(BigInt(size))),
      write.u32(tensor.type),
      write.u64(offset),
    )
    next = align(next + tensor.bytes, alignment)
  }
  const structure = Buffer.concat([
    Buffer.from('GGUF'),
    write.u32(version),
    write.size(options.tensorCount ?? BigInt(tensors.length)),
    write.size(options.pairCount ?? BigInt(pairs.length)),
    ...pairs.flatMap(([key, value]) => [write.text(key), write.value(value)]),
    ...table,
  ])
  const data = Buffer.alloc(next, 1)
  const gap = tensors.length === 0 ? 0 : align(structure.length, alignment) - structure.length
  return Buffer.concat([structure, Buffer.alloc(gap), data, options.trailing ?? Buffer.alloc(0)])
}

/** A tiny Llama with a chat template: every kind of value, two tensors. */
export const soundGguf = (options: GgufOptions = {}, template = '{{ messages[0].content }}'): Buffer =>
  ggufOf(
    [
      ['general.architecture', { type: 'text', value: 'llama' }],
      ['general.name', { type: 'text', value: 'Tiny' }],
      ['general.license', { type: 'text', value: 'apache-2.0' }],
      ['general.file_type', { type: 'u32', value: 1 }],
      ['general.base_model.count', { type: 'u32', value: 1 }],
      ['general.base_model.0.name', { type: 'text', value: 'Tiny Base' }],
      ['general.base_model.0.repo_url', { type: 'text', value: 'https://huggingface.co/tiny/base' }],
      ['llama.context_length', { type: 'u32', value: 2048 }],
      ['llama.embedding_length', { type: 'u32', value: 64 }],
      ['llama.block_count', { type: 'u32', value: 2 }],
      ['llama.feed_forward_length', { type: 'u32', value: 128 }],
      ['llama.attention.head_count', { type: 'u32', value: 4 }],
      ['llama.attention.head_count_kv', { type: 'numbers', value: [2, 2] }],
      ['llama.rope.freq_base', { type: 'f32', value: 10_000 }],
      ['tokenizer.ggml.model', { type: 'text', value: 'gpt2' }],
      ['tokenizer.ggml.tokens', { type: 'texts', value: ['<s>', '</s>', 'a', 'b'] }],
      ['tokenizer.ggml.add_bos_token', { type: 'bool', value: 1 }],
      ['tokenizer.chat_template', { type: 'text', value: template }],
    ],
    [
      { name: 'token_embd.weight', shape: [64, 4], type: 1, bytes: 512 },
      { name: 'output_norm.weight', shape: [64], type: 0, bytes: 256 },
      { name: 'blk.0.attn_q.weight', shape: [64, 64], type: 8, bytes: 4352 },
    ],
    options,
  )

const align = (offset: number, alignment: number): number => Math.ceil(offset / alignment) * alignment

function writerFor(bigEndian: boolean, narrow: boolean) {
  const filled = (bytes: number, fill: (view: DataView) => void): Buffer => {
    const buffer = Buffer.alloc(bytes)
    fill(new DataView(buffer.buffer, buffer.byteOffset, bytes))
    return buffer
  }
  const little = !bigEndian
  const u32 = (value: number) => filled(4, (view) => view.setUint32(0, value, little))
  const u64 = (value: bigint) => filled(8, (view) => view.setBigUint64(0, value, little))
  const size = (value: bigint) => (narrow ? u32(Number(value)) : u64(value))
  const text = (value: string) => Buffer.concat([size(BigInt(Buffer.byteLength(value))), Buffer.from(value)])
  const value = (input: GgufInput): Buffer => {
    switch (input.type) {
      case 'u32':
        return Buffer.concat([u32(CODES.u32), u32(Number(input.value))])
      case 'i32':
        return Buffer.concat([u32(CODES.i32), filled(4, (view) => view.setInt32(0, Number(input.value), little))])
      case 'f32':
        return Buffer.concat([u32(CODES.f32), filled(4, (view) => view.setFloat32(0, Number(input.value), little))])
      case 'u64':
        return Buffer.concat([u32(CODES.u64), u64(BigInt(input.value))])
      case 'bool':
        return Buffer.concat([u32(CODES.bool), Buffer.of(Number(input.value))])
      case 'text':
        return Buffer.concat([u32(CODES.text), text(input.value)])
      case 'texts':
        return Buffer.concat([u32(9), u32(CODES.text), size(BigInt(input.value.length)), ...input.value.map(text)])
      case 'numbers':
        return Buffer.concat([u32(9), u32(CODES.u32), size(BigInt(input.value.length)), ...input.value.map(u32)])
      case 'raw':
        return Buffer.concat([u32(input.code), input.bytes])
    }
  }
  return { u32, u64, size, text, value }
}
