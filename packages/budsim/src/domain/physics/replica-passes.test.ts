import type { ModelFacts } from '@bud/kernel'
import { describe, expect, it } from 'vitest'
import { DEEPSEEK_V3, factsOf, gpuOf, gpus, kernels, LLAMA_70B, models } from '../../testing/fixtures.ts'
import { buildOf } from '../../testing/serving-cases.ts'
import { toModelShape } from '../model-shape.ts'
import { createReplicaPasses, type PassParts, totalUs } from './replica-passes.ts'
import type { ReplicaBuild } from './serving-case.ts'

const passesOf = (build: ReplicaBuild) => createReplicaPasses(build, toModelShape(build.facts), kernels)
const ENGINES = ['vllm', 'sglang', 'tensorrt-llm'] as const

/** Releases that differ in their weights alone are one model here. */
const distinct = [...new Map(models.map((model) => [JSON.stringify(model.facts), model])).values()]

describe.each(gpus)('on $id', (gpu) => {
  it.each(ENGINES)('every model of the catalogue decodes and prefills in a finite time by %s', (engine) => {
    const wrong = distinct.flatMap(({ name, facts }) => {
      const passes = passesOf(buildOf({ facts, gpu, engine }))
      return [passes.decode(1, 1), passes.decode(256, 8192), passes.prefill(1, 16, 0)].flatMap((parts) => {
        const finite = Object.values(parts).every((us) => Number.isFinite(us) && us >= 0)
        const computed = parts.gemm > 0 && parts.attention > 0 && parts.experts > 0 === (facts.experts !== null)
        return finite && computed && parts.collective === 0 ? [] : [{ name, parts }]
      })
    })
    expect(wrong).toEqual([])
  })

  it('no model takes less time for more sequences, more context or longer prompts', () => {
    const falling = distinct.flatMap(({ name, facts }) => {
      const passes = passesOf(buildOf({ facts, gpu }))
      const lines = {
        sequences: [1, 4, 16, 64, 256].map((sequences) => passes.decode(sequences, 2048)),
        context: [128, 1024, 8192, 65536].map((context) => passes.decode(16, context)),
        prompt: [16, 256, 4096, 32768].map((tokens) => passes.prefill(1, tokens, 0)),
        cached: [0, 1024, 16384].map((cached) => passes.prefill(1, 1024, cached)),
      }
      return Object.entries(lines).flatMap(([what, line]) => (rises(line) ? [] : [{ name, what, line }]))
    })
    expect(falling).toEqual([])
  })
})

/** Measured kernels have dents of a percent or two where the engines' libraries change tiles. */
function rises(line: readonly PassParts[]): boolean {
  const totals = line.map(totalUs)
  return totals.every((us, i) => us >= 0.98 * (totals[i - 1] ?? 0))
}

const weightsUs = (query: Parameters<typeof buildOf>[0]): number => {
  const parts = passesOf(buildOf(query)).decode(4, 1024)
  return parts.gemm + parts.experts
}

describe('parallel layouts', () => {
  const large = distinct.filter(({ facts }) => facts.parameter_count > 2e10)
  it.each(gpus)('two tensor-parallel $id read the weights of a large model in about half the time of one', (gpu) => {
    const odd = large.flatMap(({ name, facts }) => {
      const ratio = weightsUs({ facts, gpu, tensorParallel: 2 }) / weightsUs({ facts, gpu })
      // Models with small experts are bound by launching kernels on fast GPUs.
      return ratio > 0.48 && ratio < (facts.experts ? 0.8 : 0.65) ? [] : [{ name, ratio }]
    })
    expect(odd).toEqual([])
  })

  const parts = (query: Parameters<typeof buildOf>[0], batch = 32) => passesOf(buildOf(query)).decode(batch, 2048)

  it('tensor parallelism pays with collectives, more of them over a bus than over links', () => {
    const over = (id: string) => parts({ facts: LLAMA_70B, gpu: gpuOf(id), tensorParallel: 4 }).collective
    expect(over('H100-SXM-80GB')).toBeGreaterThan(0)
    expect(over('L40S-48GB')).toBeGreaterThan(3 * over('H100-SXM-80GB'))
  })

  it('attention ranks share experts: each reads fewer, and exchanges tokens', () => {
    const alone = parts({ facts: DEEPSEEK_V3, gpu: gpuOf('H200-SXM-141GB'), tensorParallel: 8 })
    const shared = parts({ facts: DEEPSEEK_V3, gpu: gpuOf('H200-SXM-141GB'), dataParallel: 8, expertParallel: 8 })
    const one = parts({ facts: DEEPSEEK_V3, gpu: gpuOf('H200-SXM-141GB') }, 32 * 8)
    expect(shared.experts).toBeLessThan(one.experts / 4)
    expect(shared.collective).toBeGreaterThan(0)
    // Latent attention is not split between ranks: each reads the whole of its own sequences alone.
    expect(shared.attention).toBeGreaterThan(alone.attention)
  })

  it('stages hand over once each', () => {
    const at = (pipelineParallel: number) => parts({ facts: LLAMA_70B, pipelineParallel }).collective
    expect(at(1)).toBe(0)
    expect(at(4)).toBeCloseTo(3 * at(2))
  })
})

describe('attention', () => {
  const attentionUs = (facts: ModelFacts, context: number) => passesOf(buildOf({ facts })).decode(16, context).attention

  it('in windows stops growing where the window is full', () => {
    const facts = { ...LLAMA_70B, sliding_window: 4096, sliding_window_layers: LLAMA_70B.attention_layers }
    expect(attentionUs(facts, 65536)).toBe(attentionUs(facts, 4096))
    expect(attentionUs(LLAMA_70B, 65536)).toBeGreaterThan(4 * attentionUs(LLAMA_70B, 4096))
  })

  it('of sparse models grows far less with the context than that of dense ones', () => {
    const sparse = { ...DEEPSEEK_V3, architecture: 'deepseek_v3_2' }
    const growth = (facts: ModelFacts) => attentionUs(facts, 65536) / attentionUs(facts, 2048)
    expect(growth(sparse)).toBeLessThan(growth(DEEPSEEK_V3) / 3)
  })

  it('of hybrid models grows with the layers that keep a cache alone', () => {
    const hybrid = factsOf('Qwen/Qwen3.5-397B-A17B')
    const grown = (facts: ModelFacts) => attentionUs(facts, 65536) - attentionUs(facts, 8192)
    const full = { ...hybrid, attention: 'gqa' as const, attention_layers: hybrid.layers }
    expect(grown(hybrid) / grown(full)).toBeCloseTo(hybrid.attention_layers / hybrid.layers)
  })
})

it('speculation makes a step longer, though not by as many times as it drafts tokens', () => {
  const passes = passesOf(buildOf({ facts: LLAMA_70B, tensorParallel: 4 }))
  const [plain, drafting] = [totalUs(passes.decode(8, 2048)), totalUs(passes.decode(8, 2048, 4))]
  expect(drafting).toBeGreaterThan(plain)
  expect(drafting).toBeLessThan(2 * plain)
})
