import { createHash } from 'node:crypto'
import { parseModelConfig } from '@bud/budsim'
import { describe, expect, it } from 'vitest'
import { toWeightFacts } from '../facts/weight-facts.ts'
import { fileInMemory } from '../formats/ranged-file.ts'
import { readSafetensorsHeader } from '../formats/safetensors.ts'
import { inspectFile } from '../scan/inspect-file.ts'
import { trainByteLevelBpe } from './byte-level-bpe.ts'
import { sampleModelFiles } from './sample-model-files.ts'

const files = new Map(sampleModelFiles().map(({ path, content }) => [path, content]))
const contentOf = (path: string) => files.get(path) ?? Buffer.alloc(0)
const jsonOf = (path: string): unknown => JSON.parse(Buffer.from(contentOf(path)).toString())

describe('sample model', () => {
  it('is under 2 MB and the same bytes every time', () => {
    const bytes = [...files.values()].reduce((sum, content) => sum + content.length, 0)
    expect(bytes).toBeLessThan(2_000_000)
    const digest = (content: Uint8Array) => createHash('sha256').update(content).digest('hex')
    expect(sampleModelFiles().map(({ content }) => digest(content))).toEqual([...files.values()].map(digest))
  })

  it('passes its own scan without a finding', async () => {
    for (const [path, content] of files) {
      expect(await inspectFile(fileInMemory(path, content))).toMatchObject({
        bytes_covered: content.length,
        findings: [],
      })
    }
  })

  it('has the parameters that its config.json announces', async () => {
    const header = await readSafetensorsHeader(fileInMemory('model.safetensors', contentOf('model.safetensors')))
    const weights = toWeightFacts(header.tensors, false)
    const announced = parseModelConfig(jsonOf('config.json'))
    expect(weights).toEqual({
      weight_bytes: 2 * announced.parameter_count,
      parameter_count: announced.parameter_count,
      weight_precision: 'bf16',
    })
    expect(announced).toMatchObject({
      architecture: 'llama',
      layers: 2,
      hidden_size: 128,
      vocab_size: 512,
      context_length: 2048,
    })
  })

  it('has a token for every id the model can choose, and for every byte', () => {
    const { vocabulary, merges } = trainByteLevelBpe(512)
    expect(Object.values(vocabulary).toSorted((a, b) => a - b)).toEqual(Array.from({ length: 512 }, (_, id) => id))
    expect(merges).toHaveLength(512 - 256 - 3)
    expect(jsonOf('tokenizer.json')).toMatchObject({ model: { type: 'BPE', vocab: vocabulary } })
  })
})
