import { describe, expect, it } from 'vitest'
import { type GgufInput, ggufOf, soundGguf } from '../../testing/gguf-writer.ts'
import { fileInMemory } from '../formats/ranged-file.ts'
import { ggufFacts } from './gguf-facts.ts'
import { ggufModelFacts } from './gguf-model-facts.ts'

const factsOf = (content: Uint8Array, path = 'model.gguf') => ggufFacts(fileInMemory(path, content))
const u32 = (value: number): GgufInput => ({ type: 'u32', value })
const text = (value: string): GgufInput => ({ type: 'text', value })

/** DeepSeek-V3's shapes, as convert_hf_to_gguf.py writes them, with two layers. */
const deepseek = (extra: [string, GgufInput][] = []) =>
  ggufOf(
    [
      ['general.architecture', text('deepseek2')],
      ['deepseek2.block_count', u32(2)],
      ['deepseek2.context_length', u32(163_840)],
      ['deepseek2.embedding_length', u32(7168)],
      ['deepseek2.feed_forward_length', u32(18_432)],
      ['deepseek2.attention.head_count', u32(128)],
      ['deepseek2.attention.head_count_kv', u32(1)],
      ['deepseek2.attention.kv_lora_rank', u32(512)],
      ['deepseek2.attention.q_lora_rank', u32(1536)],
      ['deepseek2.attention.key_length', u32(576)],
      ['deepseek2.attention.key_length_mla', u32(192)],
      ['deepseek2.attention.value_length_mla', u32(128)],
      ['deepseek2.rope.dimension_count', u32(64)],
      ['deepseek2.expert_count', u32(256)],
      ['deepseek2.expert_used_count', u32(8)],
      ['deepseek2.expert_shared_count', u32(1)],
      ['deepseek2.expert_feed_forward_length', u32(2048)],
      ['deepseek2.leading_dense_block_count', u32(1)],
      ['deepseek2.vocab_size', u32(129_280)],
      ...extra,
    ],
    [{ name: 'a.weight', shape: [256, 4], type: 12, bytes: 576 }],
  )

describe('facts of a GGUF file', () => {
  it('are read from its metadata and its tensors', async () => {
    expect(await factsOf(soundGguf())).toEqual({
      path: 'model.gguf',
      kind: 'model',
      architecture: 'llama',
      name: 'Tiny',
      licence: 'apache-2.0',
      licence_link: null,
      base_models: [{ name: 'Tiny Base', organization: null, repo_url: 'https://huggingface.co/tiny/base' }],
      quantisation: 'F16',
      weight_precision: 'int8',
      bytes_by_precision: { fp16: 512, fp32: 256, int8: 4352 },
      parameter_count: 64 * 4 + 64 + 64 * 64,
      weight_bytes: 512 + 256 + 4352,
      context_length: 2048,
      layers: 2,
      hidden_size: 64,
      attention_heads: 4,
      kv_heads: 2,
      head_dim: 16,
      intermediate_size: 128,
      vocab_size: 4,
      experts: null,
      tied_embeddings: true,
      tokenizer: 'gpt2',
      chat_template: '{{ messages[0].content }}',
      split: null,
      hyperparameters: expect.objectContaining({ 'attention.head_count_kv': [2, 2], 'rope.freq_base': 10_000 }),
    })
  })

  it('are the same in every version and byte order', async () => {
    const facts = await factsOf(soundGguf())
    for (const options of [{ version: 1 }, { version: 2 }, { bigEndian: true }])
      expect(await factsOf(soundGguf(options))).toEqual(facts)
  })

  it('are refused of a file that is cut short, with the reason', async () => {
    const whole = soundGguf()
    await expect(factsOf(whole.subarray(0, whole.length - 1))).rejects.toThrow(/model.gguf has the tensor/)
    await expect(factsOf(whole.subarray(0, 300))).rejects.toMatchObject({ code: 'invalid-input' })
  })
})

describe('model facts of GGUF files', () => {
  it('need no config.json', async () => {
    expect(ggufModelFacts([await factsOf(soundGguf())])).toMatchObject({
      architecture: 'llama',
      architecture_class: 'LlamaForCausalLM',
      parameter_count: 4416,
      layers: 2,
      attention: 'gqa',
      kv_heads: 2,
      head_dim: 16,
      context_length: 2048,
      tied_embeddings: true,
      weight_precision: 'int8',
      weight_bytes: 5120,
    })
  })

  it('know experts and latent attention', async () => {
    expect(ggufModelFacts([await factsOf(deepseek())])).toMatchObject({
      architecture: 'deepseek_v3',
      attention: 'mla',
      mla: { kv_lora_rank: 512, qk_rope_head_dim: 64 },
      head_dim: 192,
      experts: { count: 256, per_token: 8, intermediate_size: 2048, shared: 1, dense_layers: 1 },
      weight_precision: 'int4',
    })
  })

  it('add up the parts of a split model, and name the part that is missing', async () => {
    const part = (number: number) => [
      ['split.no', u32(number)] as [string, GgufInput],
      ['split.count', u32(2)] as [string, GgufInput],
    ]
    const first = await factsOf(deepseek(part(0)), 'm-00001-of-00002.gguf')
    const tensors = [{ name: 'b.weight', shape: [256], type: 12, bytes: 144 }]
    const second = await factsOf(ggufOf(part(1), tensors), 'm-00002-of-00002.gguf')
    expect(ggufModelFacts([second, first])).toMatchObject({ parameter_count: 1280, weight_bytes: 720 })
    expect(() => ggufModelFacts([first])).toThrow(/Part 2 of 2/)
  })

  it('leave projectors aside, and are refused where several models lie together', async () => {
    const facts = await factsOf(soundGguf())
    const projector = { ...facts, kind: 'mmproj' }
    expect(ggufModelFacts([facts, projector]).parameter_count).toBe(4416)
    expect(() => ggufModelFacts([facts, { ...facts, path: 'other.gguf' }])).toThrow(/several models/)
    expect(() => ggufModelFacts([projector])).toThrow(/None of the GGUF files/)
  })
})
