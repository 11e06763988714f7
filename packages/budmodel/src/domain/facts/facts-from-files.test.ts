import { parseModelConfig } from '@bud/budsim'
import { describe, expect, it } from 'vitest'
import { oddPathReason, printable } from '../file-path.ts'
import { findConflicts } from './claims.ts'
import { missingFiles, weightFilesOf } from './required-files.ts'
import { indexedShards, isQuantised, missingShards, toWeightFacts } from './weight-facts.ts'

const tensor = (dtype: string, shape: number[], bytes: number) => ({ name: 't', dtype, shape, begin: 0, end: bytes })

describe('weight facts', () => {
  it('count parameters and take the precision that holds most bytes', () => {
    expect(toWeightFacts([tensor('BF16', [10, 10], 200), tensor('F32', [4], 16)], false)).toEqual({
      weight_bytes: 216,
      parameter_count: 104,
      weight_precision: 'bf16',
    })
    expect(toWeightFacts([tensor('F8_E4M3', [10, 10], 100), tensor('BF16', [10], 20)], false).weight_precision).toBe(
      'fp8',
    )
  })

  it('do not mistake packed elements for parameters', () => {
    for (const facts of [
      toWeightFacts([tensor('I32', [100], 400)], false),
      toWeightFacts([tensor('BF16', [100], 200)], true),
      toWeightFacts([], false),
    ]) {
      expect(facts).toMatchObject({ parameter_count: undefined, weight_precision: undefined })
    }
  })

  it('see quantisation of the model and of its text part', () => {
    expect(isQuantised({ quantization_config: { bits: 4 } })).toBe(true)
    expect(isQuantised({ text_config: { quantization_config: {} } })).toBe(true)
    expect([{}, null, [], { quantization_config: null }].map(isQuantised)).toEqual([false, false, false, false])
  })

  it('name every shard that an index promises and the folder lacks', () => {
    const index = { weight_map: { a: 'm-1.safetensors', b: 'm-2.safetensors', c: 'm-2.safetensors' } }
    expect(indexedShards(index)).toEqual(new Set(['m-1.safetensors', 'm-2.safetensors']))
    expect(missingShards(index, new Set(['m-1.safetensors'])).map(({ path }) => path)).toEqual(['m-2.safetensors'])
    expect(missingShards({}, new Set())).toMatchObject([{ code: 'index-invalid' }])
  })
})

describe('weight files', () => {
  const paths = (names: string[]) => weightFilesOf(names.map((path) => ({ path, bytes: 1 }))).map(({ path }) => path)

  it('are the safetensors at the top, or torch’s where there are none', () => {
    expect(paths(['model.safetensors', 'pytorch_model.bin', 'onnx/model.safetensors'])).toEqual(['model.safetensors'])
    expect(paths(['pytorch_model.bin', 'training_args.bin'])).toEqual(['pytorch_model.bin'])
  })

  it('are not counted twice when a publisher adds them as consolidated.*', () => {
    expect(paths(['consolidated.safetensors', 'model-1.safetensors'])).toEqual(['model-1.safetensors'])
    expect(paths(['consolidated.safetensors'])).toEqual(['consolidated.safetensors'])
  })

  it('and config.json are what a model cannot do without', () => {
    expect(missingFiles([])).toMatchObject([{ code: 'no-files' }])
    expect(
      missingFiles([
        { path: 'config.json', bytes: 2 },
        { path: 'model.safetensors', bytes: 2 },
      ]),
    ).toEqual([])
  })
})

describe('claims', () => {
  const config = {
    architectures: ['LlamaForCausalLM'],
    model_type: 'llama',
    hidden_size: 4096,
    num_hidden_layers: 32,
    num_attention_heads: 32,
    intermediate_size: 11_008,
    vocab_size: 32_000,
    max_position_embeddings: 4096,
  }
  const facts = parseModelConfig(config)

  it('agree when they say the same in other words', () => {
    for (const claims of [
      {},
      { architecture: 'Llama' },
      { architecture: 'LlamaForCausalLM' },
      { parameter_count: 7_000_000_000 },
      { context_length: 4096 },
    ]) {
      expect(findConflicts(claims, facts)).toEqual([])
    }
  })

  it('conflict when they say something else', () => {
    expect(
      findConflicts({ architecture: 'mistral', parameter_count: 13e9, context_length: 8192 }, facts).map(
        ({ field }) => field,
      ),
    ).toEqual(['architecture', 'parameter_count', 'context_length'])
  })
})

describe('file paths', () => {
  it('may be any ordinary relative name', () => {
    for (const path of [
      'config.json',
      'a/b/c.bin',
      '.gitattributes',
      'modèle-日本.txt',
      'a..b',
      '...',
      'x'.repeat(255),
    ]) {
      expect(oddPathReason(path)).toBeUndefined()
    }
  })

  it('may not lead elsewhere or read as something else', () => {
    const bad = [
      '',
      '/a',
      'C:/a',
      '../a',
      'a/..',
      'a/./b',
      'a//b',
      'a/',
      'a\\b',
      'a\nb',
      'a\u0000',
      'a\u202eb',
      'a\u200bb',
      '\ufeffa',
      ' a',
      'a ',
      '\ud800',
      'x'.repeat(256),
      `${'a/'.repeat(600)}a`,
    ]
    for (const path of bad) expect([path, oddPathReason(path)]).toEqual([path, expect.stringMatching(/.+/)])
  })

  it('are shown with what cannot be seen', () => {
    expect(printable('a\u202eb\n\ud800')).toBe('a\\u{202e}b\\u{a}\ufffd'.replace('\ufffd', '\\u{fffd}'))
  })
})
