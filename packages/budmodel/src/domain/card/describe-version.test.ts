import { describe, expect, it } from 'vitest'
import { describeVersion, modalityOfVersion, type SideFiles } from './describe-version.ts'
import { parseModelCard } from './parse-model-card.ts'

const NOTHING: SideFiles = {
  card: null,
  config: undefined,
  tokenizerConfig: undefined,
  generationConfig: undefined,
  hasTemplateFile: false,
  hasModules: false,
  gguf: undefined,
}

describe('what is shown beside the facts', () => {
  it('is empty where there is nothing, and never fails on what is there', () => {
    for (const odd of [undefined, null, 3, 'x', [], {}]) {
      const files = { ...NOTHING, config: odd, tokenizerConfig: odd, generationConfig: odd }
      expect(describeVersion(files, null)).toMatchObject({ description: null, languages: [], generation: {} })
      expect(modalityOfVersion(files)).toBe('text')
    }
  })

  it('tells a chat template wherever it lies', () => {
    const tokenizerConfig = { tokenizer_class: 'LlamaTokenizer' }
    const of = (change: Partial<SideFiles>) =>
      describeVersion({ ...NOTHING, tokenizerConfig, ...change }, 32_000).tokenizer
    expect(of({})).toEqual({ kind: 'LlamaTokenizer', vocab_size: 32_000, chat_template: false })
    expect(of({ hasTemplateFile: true })?.chat_template).toBe(true)
    expect(of({ tokenizerConfig: { chat_template: [{ name: 'default', template: '' }] } })?.chat_template).toBe(true)
  })

  it('shows the numbers that generation starts from, without token ids', () => {
    const generationConfig = { temperature: 0.6, top_p: 0.9, eos_token_id: 2, do_sample: true, max_length: Number.NaN }
    expect(describeVersion({ ...NOTHING, generationConfig }, null).generation).toEqual({ temperature: 0.6, top_p: 0.9 })
  })

  it('believes the card about the modality, else the configuration', () => {
    const config = { vision_config: {} }
    expect(modalityOfVersion({ ...NOTHING, config })).toBe('vision-language')
    const card = parseModelCard('---\npipeline_tag: text-generation\n---\n')
    expect(modalityOfVersion({ ...NOTHING, config, card })).toBe('text')
    expect(modalityOfVersion({ ...NOTHING, hasModules: true })).toBe('embedding')
  })
})
