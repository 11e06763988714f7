import type { ModelFacts } from '@bud/kernel'
import { describe, expect, it } from 'vitest'
import { DEEPSEEK_V3, factsOf, gpuOf, LLAMA_8B, LLAMA_70B } from '../../testing/fixtures.ts'
import { servingRowOf } from '../../testing/serving-cases.ts'
import { createRowCases, type RowCase } from './row-case.ts'
import type { ServingRow } from './serving-row.ts'

const toCase = createRowCases()
const rowCase = (row: Partial<ServingRow>, facts: ModelFacts = LLAMA_8B, gpu = 'H100-SXM-80GB'): RowCase =>
  toCase(servingRowOf(row), facts, gpuOf(gpu))
const caseOf = (...query: Parameters<typeof rowCase>) => {
  const found = rowCase(...query)
  if (found.status !== 'ok') throw new Error(found.reason.message)
  return found.case
}

describe('the case of a row', () => {
  it('is what the row states', () => {
    const stated = { concurrency_or_batch: 12, request_rate: 3, max_num_seqs: 64, engine_version: '0.9' } as const
    expect(caseOf({ ...stated, num_gpus: 4, tp: 2, isl: 100, osl: 7 })).toMatchObject({
      ...{ scenario: 'closed-loop', engineVersion: '0.9', replicas: 2, inputTokens: 100, outputTokens: 7 },
      ...{ concurrency: 12, requestsPerS: 3, maxNumSeqs: 64, cachedTokens: 0 },
      build: { layout: { tensorParallel: 2, pipelineParallel: 1, dataParallel: 1, expertParallel: 1 } },
    })
  })

  it('has chat lengths where the row states none, and a long answer where it reasons', () => {
    expect(caseOf({ isl: null, osl: null })).toMatchObject({ inputTokens: 300, outputTokens: 256 })
    expect(caseOf({ isl: null, osl: 4000 })).toMatchObject({ inputTokens: 200, outputTokens: 4000 })
    expect(caseOf({ osl: 1 }).outputTokens).toBe(2)
  })

  it('is laid out over the fewest GPUs that hold the weights where the row does not say', () => {
    const tensorOf = (facts: ModelFacts, num_gpus: number, gpu?: string) =>
      caseOf({ tp: null, num_gpus, precision: 'bf16' }, facts, gpu).build.layout.tensorParallel
    expect(tensorOf(LLAMA_8B, 8)).toBe(1)
    expect(tensorOf(LLAMA_70B, 8)).toBe(4)
    expect(tensorOf(LLAMA_70B, 8, 'H200-SXM-141GB')).toBe(2)
    expect(caseOf({ tp: null, num_gpus: 8, dp: 2 }, LLAMA_70B).build.layout.tensorParallel).toBe(4)
  })

  it('spreads attention ranks over one set of experts where the row says so, of models with experts alone', () => {
    const layoutOf = (row: Partial<ServingRow>, facts: ModelFacts) =>
      caseOf({ num_gpus: 8, precision: 'fp8', ...row }, facts, 'H200-SXM-141GB').build.layout
    expect(layoutOf({ tp: 1, attention_dp: true }, DEEPSEEK_V3)).toMatchObject({ dataParallel: 8, expertParallel: 8 })
    expect(layoutOf({ tp: 1, ep: 8 }, DEEPSEEK_V3)).toMatchObject({ dataParallel: 8, expertParallel: 8 })
    expect(layoutOf({ tp: 8, ep: 8 }, DEEPSEEK_V3)).toMatchObject({ dataParallel: 1, expertParallel: 8 })
    expect(layoutOf({ tp: 8 }, DEEPSEEK_V3)).toMatchObject({ dataParallel: 1, expertParallel: 1 })
    expect(layoutOf({ tp: 1, attention_dp: true }, LLAMA_8B)).toMatchObject({ dataParallel: 1 })
  })

  it('keeps the facts of one model in one precision, so that physics can keep what it derived', () => {
    const [one, two] = [caseOf({ precision: 'fp8' }), caseOf({ precision: 'fp8', isl: 8 })]
    expect(one.build.facts).toBe(two.build.facts)
    expect(one.build.facts).toMatchObject({ weight_precision: 'fp8', weight_bytes: null })
    expect(caseOf({ precision: 'bf16' }).build.facts).toBe(LLAMA_8B)
  })

  it('has more cache where more memory is free, and never none', () => {
    const cacheOf = (row: Partial<ServingRow>, facts?: ModelFacts, gpu?: string) => caseOf(row, facts, gpu).kvCacheBytes
    expect(cacheOf({})).toBeGreaterThan(cacheOf({}, LLAMA_8B, 'L40S-48GB'))
    expect(cacheOf({})).toBeGreaterThan(cacheOf({ engine: 'sglang' }))
    expect(cacheOf({ num_gpus: 2, tp: 2 }, LLAMA_70B)).toBeGreaterThan(0)
    expect(cacheOf({ num_gpus: 2, tp: 2 }, LLAMA_70B)).toBeCloseTo(0.05 * 80e9)
  })
})

describe('the precision that was served', () => {
  const GPT_OSS = factsOf('openai/gpt-oss-120b')
  const KIMI = factsOf('moonshotai/Kimi-K2.5')
  it.each([
    ['as labelled', LLAMA_70B, 'FP8', 'B200-SXM-180GB', 'fp8'],
    ['fp16 is bf16', LLAMA_70B, 'fp16', 'B200-SXM-180GB', 'bf16'],
    ['nvfp4 is fp4', LLAMA_70B, 'nvfp4', 'B200-SXM-180GB', 'fp4'],
    ['unlabelled on a GPU with fp4', LLAMA_70B, null, 'B200-SXM-180GB', 'fp4'],
    ['unlabelled on a GPU with fp8', LLAMA_70B, null, 'H200-SXM-141GB', 'fp8'],
    ['unlabelled on a GPU with neither', LLAMA_70B, null, 'A100-SXM-80GB', 'bf16'],
    ['one release format alone', GPT_OSS, 'fp8', 'B200-SXM-180GB', 'mxfp4'],
    ['int4 releases', KIMI, 'fp8', 'B200-SXM-180GB', 'int4'],
    ['int4 releases quantised anew', KIMI, 'fp4', 'B200-SXM-180GB', 'fp4'],
    ['fp8 releases under a 16-bit label', DEEPSEEK_V3, 'bf16', 'B200-SXM-180GB', 'fp8'],
  ] as const)('%s', (_, facts, precision, gpu, served) => {
    expect(caseOf({ num_gpus: 8, tp: 8, precision }, facts, gpu).build.facts.weight_precision).toBe(served)
  })

  it('of a release is that of its name, whatever else the row says', () => {
    const row = { model: 'Qwen/Qwen3-235B-A22B-FP8', precision: 'fp4', num_gpus: 8, tp: 8 }
    const facts = { ...factsOf('Qwen/Qwen3-235B-A22B'), weight_precision: 'fp8' as const }
    expect(caseOf(row, facts, 'B200-SXM-180GB').build.facts.weight_precision).toBe('fp8')
  })
})

describe('a row that cannot run', () => {
  it.each([
    ['unsupported', 'precision', { precision: 'fp7' }, LLAMA_8B],
    ['unsupported', 'num_gpus', { num_gpus: 2, tp: 4 }, LLAMA_8B],
    ['unsupported', 'num_gpus', { num_gpus: 6, tp: 4 }, LLAMA_8B],
    ['unsupported', 'tp', { num_gpus: 5, tp: 5 }, LLAMA_8B],
    ['unsupported', 'pp', { num_gpus: 64, tp: 1, pp: 64 }, LLAMA_8B],
    ['does-not-fit', 'tp', {}, LLAMA_70B],
    ['does-not-fit', 'isl', { isl: 3e6 }, LLAMA_8B],
  ] as const)('is %s by its %s: %j', (status, path, row, facts) => {
    expect(rowCase(row, facts)).toMatchObject({ status, reason: { path } })
  })

  it('says which tensor parallel sizes divide its heads, and by how many bytes memory falls short', () => {
    expect(rowCase({ num_gpus: 3, tp: 3 })).toMatchObject({
      reason: { next_step: 'Use one of 1, 2, 4, 8, 16, 32.' },
    })
    const short = rowCase({}, LLAMA_70B)
    expect(short.status === 'does-not-fit' && short.reason.message).toMatch(
      /Weights need 14\d\.\d GB per GPU at TP 1 × PP 1; H100-SXM-80GB has 80\.0 GB/,
    )
  })
})
