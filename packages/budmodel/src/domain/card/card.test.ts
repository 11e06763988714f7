import { describe, expect, it, test } from 'vitest'
import { benchmarkName } from './benchmark-names.ts'
import { type LineageClues, readLineage } from './lineage.ts'
import { parseModelCard } from './parse-model-card.ts'

const card = (front: string, body = ''): string => `---\n${front}\n---\n${body}`

describe('a model card', () => {
  it('tells licence, base, tags, task, languages and results', () => {
    const text = card(
      `license: other
license_name: tongyi-qianwen
license_link: https://huggingface.co/Qwen/Qwen1.5-7B/blob/main/LICENSE
base_model: Qwen/Qwen1.5-7B
base_model_relation: finetune
language:
- en
- zh
- no
pipeline_tag: text-generation
library_name: transformers
tags: [chat, 'team:search', 3]
model-index:
- name: mine
  results:
  - task: {type: text-generation, name: Text Generation}
    dataset: {name: MMLU (5-Shot), type: cais/mmlu, config: all, args: {num_few_shot: 5}}
    metrics:
    - {type: acc, value: 61.04, name: accuracy}
    - {type: acc_norm, value: not measured}
    source: {url: 'https://example.com/run', name: Open LLM Leaderboard}
  - dataset: {name: AI2 Reasoning Challenge (25-Shot), type: ai2_arc}
    metrics: [{type: acc_norm, value: '54.2 %'}]`,
      '# Title\n\n[![badge](https://x/b.svg)](https://x)\n\nThis is **Qwen1.5**, the [beta](https://qwen.ai) version\nof Qwen2, a `transformer` model.\n\nMore.',
    )
    expect(parseModelCard(text)).toEqual({
      licence: {
        license: ['other'],
        license_name: 'tongyi-qianwen',
        license_link: 'https://huggingface.co/Qwen/Qwen1.5-7B/blob/main/LICENSE',
      },
      base_models: [{ name: 'Qwen/Qwen1.5-7B', relation: 'finetune' }],
      tags: ['chat', 'team:search', '3'],
      pipeline_tag: 'text-generation',
      modality: 'text',
      languages: ['en', 'zh', 'no'],
      library_name: 'transformers',
      quantized_by: null,
      benchmarks: [
        { benchmark: 'mmlu', metric: 'accuracy', score: 61.04, source: 'Open LLM Leaderboard', config: '5-shot' },
        { benchmark: 'arc-challenge', metric: 'acc_norm', score: 54.2, source: 'model card', config: '25-shot' },
      ],
      description: 'This is Qwen1.5, the beta version of Qwen2, a transformer model.',
      problems: [],
    })
  })

  test.each([
    ['library_name: peft\nbase_model: a/b', 'adapter'],
    ['tags: [lora]\nbase_model: a/b', 'adapter'],
    ['quantized_by: someone\nbase_model: a/b', 'quantized'],
    ['tags: [gguf]\nbase_model: a/b', 'quantized'],
    ['base_model: [a/b, c/d]', 'merge'],
    ['tags: [mergekit]\nbase_model: [a/b]', 'merge'],
    ['base_model: a/b', null],
    ['base_model: a/b\nbase_model_relation: nonsense', null],
    ['base_model: [a/b, c/d]\nbase_model_relation: finetune', 'finetune'],
  ])('with %j is related by %s', (front, relation) => {
    expect(parseModelCard(card(front)).base_models[0]).toEqual({ name: 'a/b', relation })
  })

  test.each([
    ['pipeline_tag: image-text-to-text', 'vision-language'],
    ['pipeline_tag: automatic-speech-recognition', 'audio'],
    ['pipeline_tag: sentence-similarity', 'embedding'],
    ['pipeline_tag: text-ranking', 'reranker'],
    ['pipeline_tag: text-classification\ntags: [cross-encoder]', 'reranker'],
    ['pipeline_tag: text-to-image', 'image'],
    ['pipeline_tag: robotics', 'other'],
    ['tags: [image-text-to-text]', 'vision-language'],
    ['library_name: sentence-transformers', 'embedding'],
    ['library_name: diffusers', 'image'],
    ['library_name: transformers', null],
  ])('with %j is %s', (front, modality) => {
    expect(parseModelCard(card(front)).modality).toBe(modality)
  })

  it('without metadata, or with none that can be read, still has a description', () => {
    const prose = 'A small model that answers questions about the weather.'
    expect(parseModelCard(`# Weather\n\n${prose}\n`)).toMatchObject({ description: prose, problems: [], tags: [] })
    for (const bad of ['license: [', '- a\n- b', '"', '@', 'a: *nowhere'])
      expect(parseModelCard(card(bad, prose))).toMatchObject({ description: prose, problems: [expect.any(String)] })
    expect(parseModelCard(`---\nlicense: mit\n${prose}`).problems).toEqual([expect.stringContaining('no end')])
    expect(parseModelCard('')).toMatchObject({ description: null, problems: [] })
  })

  it('takes a first paragraph that is prose, not a badge, table, list, heading or code', () => {
    const body = [
      '<div align="center"><img src="x.png"></div>',
      '## News',
      '- released',
      '| a | b |',
      '> quoted text that is long enough to be taken for a paragraph',
      '```\ncode that is long enough to be taken for a paragraph of text\n```',
      'Short.',
      `<b>${'Words that go on. '.repeat(40)}</b>`,
    ].join('\n\n')
    const { description } = parseModelCard(body)
    expect(description).toMatch(/^Words that go on\. .*…$/)
    expect(description?.length).toBeLessThanOrEqual(300)
  })

  it('shows what cannot be seen, and leaves out what has the wrong shape', () => {
    const text = card(
      'license: {a: b}\ntags: "one\u202etwo"\nlanguage: [[en]]\nmodel-index: 3\npipeline_tag: [x]\nbase_model: {}\nlicense_name: true',
      'A sentence with a hidden\u200b mark, long enough to be shown in lists.',
    )
    expect(parseModelCard(text)).toMatchObject({
      licence: { license: [], license_name: null, license_link: null },
      tags: ['one\\u{202e}two'],
      languages: [],
      benchmarks: [],
      base_models: [],
      pipeline_tag: null,
      description: expect.stringContaining('hidden\\u{200b} mark'),
    })
  })
})

describe('names of benchmarks', () => {
  test.each([
    ['MMLU', 'mmlu'],
    ['MMLU-Pro', 'mmlu-pro'],
    ['mmlu_pro', 'mmlu-pro'],
    ['GSM8k (5-shot)', 'gsm8k'],
    ['HumanEval', 'humaneval'],
    ['openai_humaneval', 'humaneval'],
    ['GPQA', 'gpqa'],
    ['IFEval (0-Shot)', 'ifeval'],
    ['MATH Lvl 5 (4-Shot)', 'math-level-5'],
    ['AI2 Reasoning Challenge (25-Shot)', 'arc-challenge'],
    ['ARC-C', 'arc-challenge'],
    ['HellaSwag (10-Shot)', 'hellaswag'],
    ['TruthfulQA (0-shot)', 'truthfulqa'],
    ['MT-Bench', 'mt-bench'],
    ['Winogrande (5-shot)', 'winogrande'],
    ['BBH (3-Shot)', 'bbh'],
    ['MuSR', 'musr'],
    ['LiveCodeBench', 'livecodebench'],
    ['MTEB AmazonPolarity', 'MTEB AmazonPolarity'],
    [' Our Own Test ', 'Our Own Test'],
  ])('%s is %s', (written, name) => expect(benchmarkName(written)).toBe(name))
})

describe('lineage', () => {
  const clues = (given: Partial<LineageClues>): LineageClues => ({
    adapterConfig: undefined,
    config: undefined,
    card: null,
    gguf: null,
    claimed: null,
    ...given,
  })
  const base = (name: string, relation: 'adapter' | 'finetune' | 'quantized' | 'merge' | null = null) => ({
    base_models: [{ name, relation }],
  })

  it('names each base once, by the surest of what states it', () => {
    const found = readLineage(
      clues({
        adapterConfig: { base_model_name_or_path: 'meta-llama/Llama-3.1-8B' },
        card: base('Meta-Llama/llama-3.1-8b', 'finetune'),
        claimed: 'meta-llama/Llama-3.1-8B-Instruct',
      }),
    )
    expect(found).toEqual([
      { relation: 'adapter-of', name: 'meta-llama/Llama-3.1-8B', source: 'adapter_config.json' },
      { relation: 'adapter-of', name: 'meta-llama/Llama-3.1-8B-Instruct', source: 'registration' },
    ])
  })

  it('takes the relation from the card, else from what the files show', () => {
    const relation = (given: Partial<LineageClues>) => readLineage(clues(given))[0]?.relation
    const quantised = { quantization_config: { bits: 4 } }
    expect(relation({ card: base('a/b', 'merge') })).toBe('merged-from')
    expect(relation({ card: base('a/b'), config: quantised })).toBe('quantised-from')
    expect(relation({ claimed: 'a/b', config: quantised })).toBe('quantised-from')
    expect(relation({ card: base('a/b') })).toBe('fine-tuned-from')
    expect(relation({ card: base('a/b'), adapterConfig: {} })).toBe('adapter-of')
  })

  it('reads GGUF’s base models by address, else by owner and name', () => {
    const gguf = [
      { name: 'Llama 3.1 8B', organization: 'Meta Llama', repo_url: null },
      { name: 'x', organization: 'y', repo_url: 'https://huggingface.co/Qwen/Qwen3-8B' },
    ]
    expect(readLineage(clues({ gguf })).map(({ name, relation }) => [name, relation])).toEqual([
      ['Meta-Llama/Llama-3.1-8B', 'merged-from'],
      ['Qwen/Qwen3-8B', 'merged-from'],
    ])
    expect(readLineage(clues({ gguf: gguf.slice(1) }))[0]?.relation).toBe('quantised-from')
  })

  test.each([
    '/home/me/llama',
    './base',
    '../x/y',
    'C:\\models\\x',
    '~/x',
    'models/llama-7b',
    'output/checkpoint-500',
    'a/b/c',
    '',
    'https://example.com/model',
    'name with spaces',
    'unknown',
  ])('takes %j for no name', (name) => {
    const found = readLineage(
      clues({ adapterConfig: { base_model_name_or_path: name }, card: base(name), claimed: name }),
    )
    expect(found).toEqual([])
  })
})
