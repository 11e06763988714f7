import { EngineName } from '@bud/kernel'
import { describe, expect, it } from 'vitest'
import { oneTwoFiveBuckets } from './buckets.ts'
import { engineDefaults, engineFacts, engineMetricFamilies, engineVersions } from './engine-facts.ts'

describe('engineFacts', () => {
  it.each(EngineName.options)('reads every normalised figure of %s from a family the engine exposes', (engine) => {
    const families = new Map(engineMetricFamilies(engine, 4096).map((family) => [family.name, family]))
    for (const [figure, series] of Object.entries(engineFacts(engine).metrics)) {
      if (series === null) continue
      const family = families.get(series.name)
      expect(family?.type, `${figure}: ${series.name}`).toBe(series.type)
      for (const label of Object.keys(series.where)) expect(family?.labels).toContain(label)
    }
  })

  it.each(EngineName.options)('lists each family of %s once, with rising bounds', (engine) => {
    const families = engineMetricFamilies(engine, 4096)
    expect(new Set(families.map((family) => family.name)).size).toBe(families.length)
    for (const { buckets, type } of families) {
      expect(buckets !== undefined).toBe(type === 'histogram')
      for (const [i, bound] of (buckets ?? []).entries()) expect(bound).toBeGreaterThan(buckets?.[i - 1] ?? -1)
    }
  })

  it('answers the newest version by default and says when a version is not in the table', () => {
    expect(engineFacts('vllm')).toMatchObject({ version: engineVersions('vllm')[0], known_version: true })
    expect(engineFacts('vllm', '0.32.0').known_version).toBe(true)
    expect(engineFacts('vllm', '0.8.1')).toMatchObject({ version: '0.8.1', known_version: false })
  })

  it('passes through the start-up phases in the order replicas go through them', () => {
    for (const engine of EngineName.options)
      expect(engineFacts(engine).startup.map((step) => step.phase)).toEqual([
        'scheduling',
        'pulling',
        'loading',
        'compiling',
        'warming',
      ])
  })

  it('scrapes TensorRT-LLM at its Prometheus path, since its /metrics drains on read', () => {
    expect(engineFacts('tensorrt-llm').metrics_path).toBe('/prometheus/metrics')
  })
})

describe('engineDefaults', () => {
  it('gives vLLM on an A100 the small batch that its own rule gives', () => {
    expect(engineDefaults('vllm', { id: 'A100-SXM-80GB', memory_gb: 80 }).max_num_batched_tokens).toBe(2048)
    expect(engineDefaults('vllm', { id: 'H100-SXM-80GB', memory_gb: 80 }).max_num_batched_tokens).toBe(8192)
    expect(engineDefaults('vllm', { id: 'B200-180GB', memory_gb: 180 }).max_num_batched_tokens).toBe(16_384)
  })
})

describe('oneTwoFiveBuckets', () => {
  it('stops at the longest context', () => {
    expect(oneTwoFiveBuckets(512)).toEqual([1, 2, 5, 10, 20, 50, 100, 200, 500])
  })
})
