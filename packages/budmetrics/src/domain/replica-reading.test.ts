import { readFileSync } from 'node:fs'
import { engineFacts } from '@bud/engines'
import { describe, expect, it } from 'vitest'
import { bucketsBetween } from './buckets.ts'
import { parseExposition } from './exposition.ts'
import { meanUtilization, readGpus } from './gpu-reading.ts'
import { percentileMs } from './measurement.ts'
import { readReplica, sampleNames } from './replica-reading.ts'

const INF = Number.POSITIVE_INFINITY
const read = (engine: Parameters<typeof engineFacts>[0], text: string) => {
  const { metrics } = engineFacts(engine)
  return readReplica(parseExposition(text, sampleNames(metrics)), metrics)
}

describe('readReplica', () => {
  it('reads what a real vLLM 0.32.0 answered', () => {
    const reading = read(
      'vllm',
      readFileSync(new URL('../testing/fixtures/vllm-0.32.0.metrics.txt', import.meta.url), 'utf8'),
    )
    expect(reading).toMatchObject({ running: 0, waiting: 0, kv_usage: 0, prompt_tokens: 36 })
    const ttft = reading?.ttft
    expect(ttft?.bounds).toHaveLength(23)
    // Two requests in (5, 10] ms, two in (10, 20] ms, one in (100, 250] ms.
    expect(ttft && bucketsBetween(null, ttft)).toEqual([
      [0.005, 0.01, 2],
      [0.01, 0.02, 2],
      [0.1, 0.25, 1],
    ])
    expect(ttft && percentileMs(0.5, bucketsBetween(null, ttft))).toBeCloseTo(12.5, 9)
    expect(ttft && percentileMs(0.99, bucketsBetween(null, ttft))).toBeCloseTo(242.5, 9)
    expect(reading?.e2e?.counts.at(-1)).toBe(5)
    expect(reading?.itl).not.toBeNull()
    expect(reading?.tpot).not.toBeNull()
  })

  it('adds the data-parallel engines of one vLLM server, with the fullest one’s KV usage', () => {
    const text = ['0', '1']
      .map((engine) => {
        const labels = `engine="${engine}",model_name="m"`
        return [
          `vllm:num_requests_running{${labels}} ${engine === '0' ? 3 : 4}`,
          `vllm:num_requests_waiting{${labels}} 2`,
          `vllm:kv_cache_usage_perc{${labels}} 0.${engine}5`,
          `vllm:generation_tokens_total{${labels}} 100`,
          `vllm:e2e_request_latency_seconds_bucket{${labels},le="0.3"} 1`,
          `vllm:e2e_request_latency_seconds_bucket{${labels},le="+Inf"} 2`,
        ].join('\n')
      })
      .join('\n')
    expect(read('vllm', text)).toMatchObject({
      running: 7,
      waiting: 4,
      kv_usage: 0.15,
      generation_tokens: 200,
      e2e: { bounds: [0.3, INF], counts: [2, 4] },
      ttft: null,
    })
  })

  it('reads SGLang’s gauges at rank 0 of each data-parallel engine and adds streaming to plain requests', () => {
    const scheduler = (tp: number, dp: number, extra = '') =>
      `sglang:num_queue_reqs{model_name="m",engine_type="unified",tp_rank="${tp}",pp_rank="0",moe_ep_rank="0",dp_rank="${dp}"${extra}} ${10 * (dp + 1)}`
    const text = [
      scheduler(0, 0),
      scheduler(1, 0),
      scheduler(0, 1),
      scheduler(1, 1),
      'sglang:time_to_first_token_seconds_bucket{model_name="m",is_streaming="true",le="0.1"} 5',
      'sglang:time_to_first_token_seconds_bucket{model_name="m",is_streaming="true",le="+Inf"} 6',
      'sglang:time_to_first_token_seconds_bucket{model_name="m",is_streaming="false",le="0.1"} 1',
      'sglang:time_to_first_token_seconds_bucket{model_name="m",is_streaming="false",le="+Inf"} 1',
    ].join('\n')
    expect(read('sglang', text)).toMatchObject({
      waiting: 30,
      running: null,
      ttft: { bounds: [0.1, INF], counts: [6, 7] },
    })
  })

  it('does not count SGLang’s queue twice when it is also given by priority', () => {
    const line = (priority: string, value: number) =>
      `sglang:num_queue_reqs{model_name="m",tp_rank="0",pp_rank="0",priority="${priority}"} ${value}`
    expect(read('sglang', [line('', 9), line('0', 4), line('1', 5)].join('\n'))?.waiting).toBe(9)
  })

  it('reads TensorRT-LLM, which times no gaps between tokens', () => {
    const text =
      'trtllm_num_requests_waiting{model_name="m",engine_type="trtllm"} 3\ntrtllm_generation_tokens_total 8\n'
    expect(read('tensorrt-llm', text)).toMatchObject({ waiting: 3, generation_tokens: 8, itl: null })
  })

  it('is nothing when the text has none of the engine’s figures', () => {
    expect(read('vllm', 'sglang:num_queue_reqs{tp_rank="0"} 3\n')).toBeNull()
  })

  it('does not believe a histogram without its +Inf bucket', () => {
    expect(
      read('vllm', 'vllm:num_requests_waiting 0\nvllm:time_to_first_token_seconds_bucket{le="1"} 3\n')?.ttft,
    ).toBeNull()
  })
})

describe('GPU utilisation', () => {
  const text = [0, 1, 2, 3].map((gpu) => `DCGM_FI_DEV_GPU_UTIL{gpu="${gpu}",UUID="GPU-${gpu}"} ${gpu * 10}`).join('\n')
  const reading = readGpus(parseExposition(text, new Set(['DCGM_FI_DEV_GPU_UTIL'])))

  it('is the mean over the endpoint’s own GPUs', () => {
    expect(meanUtilization([{ reading, gpus: [1, 3] }])).toBe(20)
  })

  it('is a gap, not a zero, where no GPU is measured', () => {
    expect(meanUtilization([{ reading, gpus: [7] }])).toBeNull()
    expect(meanUtilization([])).toBeNull()
  })
})
