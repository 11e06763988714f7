import { Deployment, ResourceName } from '@bud/kernel'
import { expect, test } from 'vitest'
import { describeWorkload, hardwareText, parallelText, suggestName } from './result.ts'

test.each(['meta-llama/Llama-3.1-8B-Instruct', '_Qwen2.5', `a${'-b'.repeat(40)}`])(
  'the name suggested for %s is one that an endpoint may have',
  (name) => expect(ResourceName.safeParse(suggestName(name)).success).toBe(true),
)

test('a name that is taken is numbered', () => {
  expect(suggestName('Llama-3.1-8B', ['llama-3-1-8b', 'llama-3-1-8b-2'])).toBe('llama-3-1-8b-3')
})

test('a workload in one line', () => {
  expect(describeWorkload({ input_tokens: 1024, output_tokens: 256, concurrency: 1, prefix_cache_share: 0 })).toBe(
    '1,024 tokens in, 256 out, 1 request in flight',
  )
  expect(
    describeWorkload({ input_tokens: 1024, output_tokens: 256, request_rate_per_s: 2.5, prefix_cache_share: 0.5 }),
  ).toBe('1,024 tokens in, 256 out, 2.5 requests/s, 50 % of prompts cached')
})

test('hardware is replicas times GPUs of a replica', () => {
  const deployment = Deployment.parse({ runtime: 'vllm', replicas: 2, resources: { gpu_type: 'H100', gpu_count: 4 } })
  expect(hardwareText(deployment)).toBe('2 × 4 H100')
})

test('spread lengths, bursts and structured answers are part of the workload', () => {
  expect(
    describeWorkload({
      input_tokens: 4096,
      input_tokens_cv: 0.5,
      output_tokens: 384,
      request_rate_per_s: 3,
      arrival_cv: 2,
      prefix_cache_share: 0,
      structured_output: true,
    }),
  ).toBe('4,096 ± 50 % tokens in, 384 out, 3 requests/s in bursts, structured output')
})

test('a layout names what tells it apart', () => {
  const deployment = Deployment.parse({
    runtime: 'vllm',
    config: { tensor_parallel_size: 4, data_parallel_size: 2, expert_parallel: true, quantization: 'fp8' },
    resources: { gpu_type: 'H100', gpu_count: 8 },
  })
  expect(parallelText(deployment)).toBe('TP 4 · PP 1 · DP 2 · EP · FP8 on load')
})
