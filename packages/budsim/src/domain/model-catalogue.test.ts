import { expect, test } from 'vitest'
import { models } from '../testing/fixtures.ts'
import { createModelCatalogue } from './model-catalogue.ts'

const catalogue = createModelCatalogue(models)

test('every model of the catalogue is found by its name', () => {
  for (const model of models) expect(catalogue.resolve(model.name)).toBe(model)
})

test.each([
  ['META-LLAMA/llama-3.1-8b-instruct', 'meta-llama/Llama-3.1-8B-Instruct'],
  ['Llama-3.1-8B-Instruct', 'meta-llama/Llama-3.1-8B-Instruct'],
  ['nvidia/Llama-3.3-70B-Instruct-FP8', 'meta-llama/Llama-3.3-70B-Instruct'],
  ['RedHatAI/Qwen3-14B-quantized.w4a16', null],
  ['Qwen/Qwen3-14B-AWQ', 'Qwen/Qwen3-14B'],
  ['mistralai/Mistral-7B-Instruct-v0.3', 'mistralai/Mistral-7B-v0.1'],
  ['nvidia/DeepSeek-R1-0528-NVFP4', 'deepseek-ai/DeepSeek-R1'],
])('%s is %s', (text, name) => {
  if (name === null) expect(() => catalogue.resolve(text)).toThrow(/Did you mean Qwen\/Qwen3-14B/)
  else expect(catalogue.resolve(text).facts.layers).toBe(catalogue.resolve(name).facts.layers)
})

test('another size or generation is never taken for it; the nearest are offered', () => {
  for (const other of ['meta-llama/Llama-3.2-8B', 'Qwen/Qwen3-4B', 'deepseek-ai/DeepSeek-V2']) {
    expect(() => catalogue.resolve(other)).toThrow(/No model ".*" in the catalogue\. Did you mean/)
  }
  expect(() => catalogue.resolve('')).toThrow('No model "" in the catalogue.')
  expect(() => catalogue.resolve('x'.repeat(1_000_000))).toThrow(/^No model "x{80}…" in the catalogue\.$/)
})
