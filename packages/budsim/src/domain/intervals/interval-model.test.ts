import { describe, expect, it } from 'vitest'
import { factsOf, gpuOf, LLAMA_8B } from '../../testing/fixtures.ts'
import { caseOf } from '../../testing/serving-cases.ts'
import { intervalGroup, modelKey, noveltyOf } from './interval-model.ts'

describe('how new a case is', () => {
  const architectures = new Set([modelKey(caseOf())])
  const gpus = new Set(['H100-SXM-80GB'])
  const other = factsOf('Qwen/Qwen3-32B')
  it.each([
    ['measured', {}],
    ['new-model', { facts: other }],
    ['new-gpu', { gpu: gpuOf('L40S-48GB') }],
    ['new-model-and-gpu', { facts: other, gpu: gpuOf('L40S-48GB') }],
  ] as const)('%s', (novelty, query) => {
    expect(noveltyOf(caseOf(query), architectures, gpus)).toBe(novelty)
  })

  it('is the same for releases of one architecture in any precision', () => {
    const release = { ...LLAMA_8B, architecture: 'another', weight_precision: 'fp8' as const, parameter_count: 9e9 }
    expect(noveltyOf(caseOf({ facts: release }), architectures, gpus)).toBe('measured')
    expect(noveltyOf(caseOf({ facts: { ...LLAMA_8B, layers: 33 } }), architectures, gpus)).toBe('new-model')
  })

  it('tells models apart that share layers and hidden size', () => {
    const alike = factsOf('meta-llama/Llama-2-7b-hf')
    expect([alike.layers, alike.hidden_size]).toEqual([LLAMA_8B.layers, LLAMA_8B.hidden_size])
    expect(noveltyOf(caseOf({ facts: alike }), architectures, gpus)).toBe('new-model')
  })
})

it('loads that wait are a group apart', () => {
  expect(intervalGroup('closed-loop', true)).not.toBe(intervalGroup('closed-loop', false))
  expect(intervalGroup('closed-loop', false)).toBe('closed-loop')
})
