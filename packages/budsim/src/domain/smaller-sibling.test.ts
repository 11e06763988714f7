import { describe, expect, it } from 'vitest'
import { factsOf, models } from '../testing/fixtures.ts'
import { findSmallerSibling } from './smaller-sibling.ts'

const siblingOf = (name: string) => findSmallerSibling(models, { name, facts: factsOf(name) })?.name

describe('findSmallerSibling', () => {
  it.each([
    ['meta-llama/Llama-3.1-405B-Instruct', 'meta-llama/Llama-3.1-70B-Instruct'],
    ['meta-llama/Llama-3.1-405B-Instruct-FP8', 'meta-llama/Llama-3.1-70B-Instruct'],
    ['meta-llama/Llama-3.1-70B-Instruct', 'meta-llama/Llama-3.1-8B-Instruct'],
    ['meta-llama/Meta-Llama-3-70B', 'meta-llama/Meta-Llama-3-8B'],
    ['meta-llama/Llama-2-70b-hf', 'meta-llama/Llama-2-13b-hf'],
    ['mistralai/Mixtral-8x22B-v0.1', 'mistralai/Mixtral-8x7B-v0.1'],
    ['Qwen/Qwen3-235B-A22B-Instruct-2507-FP8', 'Qwen/Qwen3-30B-A3B-Instruct-2507'],
    ['Qwen/Qwen3-32B', 'Qwen/Qwen3-14B'],
    ['Qwen/Qwen3-14B', 'Qwen/Qwen3-8B'],
    ['openai/gpt-oss-120b', 'openai/gpt-oss-20b'],
    ['google/gemma-3-27b-it', 'google/gemma-3-12b-it'],
    ['zai-org/GLM-4.6', 'zai-org/GLM-4.5-Air'],
    ['meta-llama/Llama-4-Maverick-17B-128E-Instruct', 'meta-llama/Llama-4-Scout-17B-16E-Instruct'],
  ])('of %s is %s', (name, sibling) => expect(siblingOf(name)).toBe(sibling))

  it('is none where the family has no smaller model', () => {
    expect(siblingOf('openai/gpt-oss-20b')).toBeUndefined()
    expect(siblingOf('deepseek-ai/DeepSeek-R1')).toBeUndefined()
    expect(findSmallerSibling([], { name: 'any', facts: factsOf('Qwen/Qwen3-32B') })).toBeUndefined()
  })

  it('goes by architecture for a model whose name says nothing, and never beyond 70 % of the parameters', () => {
    const facts = factsOf('Qwen/Qwen3-32B')
    const found = findSmallerSibling(models, { name: 'my-custom-model', facts })
    expect(found?.facts.architecture).toMatch(/^qwen3/)
    for (const { name, facts: own } of models) {
      const sibling = findSmallerSibling(models, { name, facts: own })
      expect(sibling?.facts.parameter_count ?? 0).toBeLessThanOrEqual(own.parameter_count * 0.7)
    }
  })
})
