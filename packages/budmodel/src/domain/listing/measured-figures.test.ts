import { createGpuCatalogue } from '@bud/budsim'
import { loadMeasurements } from '@bud/budsim/adapters/measurements'
import { loadReferenceData } from '@bud/budsim/adapters/reference-data'
import { describe, expect, it } from 'vitest'
import { createMeasuredFigures, type MeasuredServing } from './measured-figures.ts'
import { shapeKeyOf } from './shape-key.ts'

const { models, gpus } = loadReferenceData()
const gpuCatalogue = createGpuCatalogue(gpus)
const gpuTypes = (name: string) => gpuCatalogue.resolve(name).map(({ id }) => id)
const keyOf = (name: string) => shapeKeyOf((models.find((model) => model.name === name) ?? missing(name)).facts)
const missing = (name: string): never => {
  throw new Error(`no ${name}`)
}
const LLAMA_8B = 'meta-llama/Llama-3.1-8B-Instruct'
const LLAMA_70B = 'meta-llama/Llama-3.3-70B-Instruct'

function serving(change: Partial<MeasuredServing['row'] & MeasuredServing['measured']>): MeasuredServing {
  const { ttft_ms = null, tpot_ms = null, output_tok_s = null, ...row } = change
  return {
    row: {
      model: LLAMA_8B,
      gpu: 'H100-SXM-80GB',
      num_gpus: 1,
      engine: 'vllm',
      engine_version: '0.11.0',
      precision: 'fp8',
      isl: 1000,
      osl: 200,
      concurrency_or_batch: 32,
      scenario: 'closed-loop',
      ...row,
    },
    measured: { ttft_ms, tpot_ms, output_tok_s },
    source: 'a source',
  }
}

const figuresOf = (...rows: MeasuredServing[]) => createMeasuredFigures({ rows: () => rows, models, gpuTypes })

describe('measured figures', () => {
  it('hold for every model of the very shape, and for no other', () => {
    const figures = figuresOf(serving({ output_tok_s: 3000 }))
    expect(figures.bestOf(keyOf('meta-llama/Meta-Llama-3-8B'))).toEqual({
      gpu: 'H100-SXM-80GB',
      gpu_count: 1,
      output_tok_s_per_gpu: 3000,
    })
    expect(figures.bestOf(keyOf(LLAMA_70B))).toBeNull()
    expect(figures.measuredAs(keyOf('meta-llama/Llama-3.1-8B'))).toBe(LLAMA_8B)
    expect(keyOf('deepseek-ai/DeepSeek-V3.2')).not.toBe(keyOf('deepseek-ai/DeepSeek-V3'))
  })

  it('hold a limit only where one row holds all of them', () => {
    const figures = figuresOf(
      serving({ output_tok_s: 3000, ttft_ms: 900 }),
      serving({ output_tok_s: 500, ttft_ms: 50 }),
      serving({ gpu: 'A100-SXM-80GB', output_tok_s: 1200, ttft_ms: 80, num_gpus: 2 }),
    )
    const holding = (limits: Parameters<typeof figures.holding>[0]) => [...figures.holding(limits).values()].flat()
    expect(holding({ output_tok_s_per_gpu_min: 1000 })).toEqual(['H100-SXM-80GB'])
    expect(holding({ output_tok_s_per_gpu_min: 1000, ttft_ms_max: 100 })).toEqual([])
    expect(holding({ output_tok_s_per_gpu_min: 400, ttft_ms_max: 100 })).toEqual(['A100-SXM-80GB', 'H100-SXM-80GB'])
    expect(holding({ gpu: 'A100', output_tok_s_per_gpu_min: 600 })).toEqual(['A100-SXM-80GB'])
    expect(holding({ gpu: 'A100', output_tok_s_per_gpu_min: 601 })).toEqual([])
  })

  it('take "H100" for every H100, and refuse a name that means no GPU', () => {
    const figures = figuresOf(serving({ gpu: 'H100-NVL-94GB', output_tok_s: 700 }))
    expect(figures.bestOf(keyOf(LLAMA_8B), 'h100')?.gpu).toBe('H100-NVL-94GB')
    expect(figures.bestOf(keyOf(LLAMA_8B), 'H100-SXM-80GB')).toBeNull()
    expect(() => figures.holding({ gpu: 'H1000' })).toThrow('No GPU type')
  })

  it('show the fastest per GPU type and count, engine and precision, fastest first, with its source', () => {
    const shown = figuresOf(
      serving({ output_tok_s: 100 }),
      serving({ output_tok_s: 300 }),
      serving({ output_tok_s: 800, num_gpus: 2 }),
      serving({ output_tok_s: 200, precision: 'bf16' }),
      serving({ ttft_ms: 40, engine: 'sglang' }),
    ).figuresOf(keyOf(LLAMA_8B))
    expect(shown.map((one) => [one.engine, one.precision, one.gpu_count, one.output_tok_s_per_gpu])).toEqual([
      ['vllm', 'fp8', 2, 400],
      ['vllm', 'fp8', 1, 300],
      ['vllm', 'bf16', 1, 200],
      ['sglang', 'fp8', 1, null],
    ])
    expect(shown.every(({ source }) => source === 'a source')).toBe(true)
  })

  it('leave fixed batches aside: they serve nobody', () => {
    expect(figuresOf(serving({ output_tok_s: 9e4, scenario: 'static-batch' })).figuresOf(keyOf(LLAMA_8B))).toEqual([])
  })

  it('read the committed rows when the first figure is asked for, not before', () => {
    let reads = 0
    const rows = () => {
      reads++
      return loadMeasurements().rows
    }
    const figures = createMeasuredFigures({ rows, models, gpuTypes })
    expect(reads).toBe(0)
    const best = figures.bestOf(keyOf(LLAMA_70B), 'H100')
    expect(best?.output_tok_s_per_gpu).toBeGreaterThan(100)
    expect(figures.speeds('H100').get(keyOf(LLAMA_70B))).toBe(best?.output_tok_s_per_gpu)
    expect(figures.speeds().size).toBeGreaterThan(25)
    expect(reads).toBe(1)
  })
})
