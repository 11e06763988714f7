import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseCsv } from '@bud/budsim'
import { describe, expect, it } from 'vitest'
import { parseCatalogueCards } from './catalogue-cards.ts'

const read = (name: string): string => readFileSync(join(import.meta.dirname, '../../../../../data', name), 'utf8')
const models = parseCsv(read('models.csv'))
const rows = parseCsv(read('model-cards.csv'))

describe('the committed model cards', () => {
  const cards = parseCatalogueCards(read('model-cards.csv'))

  it('are one for every model of the catalogue, and for no other', () => {
    expect(rows.map(({ model }) => model)).toEqual(models.map(({ model }) => model))
    expect(cards.size).toBe(models.length)
  })

  it('name a source for every licence and for every context length', () => {
    for (const [at, { model, licence, licence_source, context_length_source }] of rows.entries()) {
      expect([model, licence === '' || licence_source !== '']).toEqual([model, true])
      const stated = models[at]?.context_length !== ''
      expect([model, context_length_source !== '']).toEqual([model, stated])
    }
  })

  it('say when a model was released as year and month, or not at all', () => {
    for (const { model, released } of rows)
      expect([model, released]).toEqual([model, expect.stringMatching(/^(20\d\d-(0[1-9]|1[0-2]))?$/)])
  })

  it.each([
    ['Qwen/Qwen3-8B', 'Apache-2.0', 'permissive', 'text'],
    ['meta-llama/Llama-3.1-8B-Instruct', 'llama-3.1-community', 'conditional', 'text'],
    ['Qwen/Qwen1.5-7B', 'tongyi-qianwen', 'conditional', 'text'],
    ['google/gemma-3-27b-it', 'gemma', 'conditional', 'vision-language'],
    ['facebook/opt-6.7b', 'opt-175b', 'non-commercial', 'text'],
    ['deepseek-ai/DeepSeek-R1', 'MIT', 'permissive', 'text'],
  ])('%s is under %s: %s, %s', (name, id, kind, modality) => {
    expect(cards.get(name)).toMatchObject({
      licence: { licence: { id, class: kind }, source: 'catalogue' },
      modality,
    })
  })

  it('with a licence or a modality nobody knows are refused', () => {
    const head = 'model,licence,licence_source,context_length_source,modality,released\n'
    expect(() => parseCatalogueCards(`${head}a,nonsense,x,x,text,`)).toThrow(/no licence "nonsense"/)
    expect(() => parseCatalogueCards(`${head}a,MIT,x,x,smell,`)).toThrow(/no modality "smell"/)
    expect(parseCatalogueCards(`${head}a,,,,text,`).get('a')).toEqual({ licence: null, modality: 'text', sources: [] })
  })
})
