import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  DEEPSEEK_V3,
  deploymentOf,
  factsOf,
  gpuOf,
  gpus,
  guideDeployment,
  LLAMA_8B,
  LLAMA_70B,
  models,
} from '../testing/fixtures.ts'
import { estimateMemory } from './memory-fit.ts'

const GB = 1e9

describe('estimateMemory', () => {
  it('puts two bytes per parameter on one GPU, and their share on several', () => {
    const gpu = gpuOf('H100-SXM-80GB')
    const one = estimateMemory({ facts: LLAMA_8B, gpu, deployment: deploymentOf({}) })
    expect(one.weights_bytes / GB).toBeCloseTo(16.06, 1)
    const four = estimateMemory({ facts: LLAMA_8B, gpu, deployment: deploymentOf({ tensor: 4 }) })
    expect(four.weights_bytes / GB).toBeCloseTo(16.06 / 4, 1)
  })

  it('believes the weight files where there are some', () => {
    const facts = { ...LLAMA_8B, weight_bytes: 20 * GB }
    const fit = estimateMemory({ facts, gpu: gpuOf('H100-SXM-80GB'), deployment: deploymentOf({}) })
    expect(fit.weights_bytes).toBeCloseTo(20 * GB, -3)
  })

  it('adds up to the GPU’s memory', () => {
    const fit = estimateMemory({ facts: LLAMA_8B, gpu: gpuOf('H100-SXM-80GB'), deployment: deploymentOf({}) })
    const sum = fit.weights_bytes + fit.activation_bytes + fit.overhead_bytes + fit.kv_cache_bytes + fit.headroom_bytes
    expect(sum).toBeCloseTo(fit.gpu_memory_bytes, -3)
  })

  it('fits the guide’s YAML with a 13B and a 70B model as it stands', () => {
    const gpu = gpuOf('A100-SXM-80GB')
    for (const facts of [factsOf('meta-llama/Llama-2-13b-hf'), LLAMA_70B]) {
      const fit = estimateMemory({ facts, gpu, deployment: guideDeployment() })
      expect(fit.fits).toBe(true)
      expect(fit.kv_capacity_tokens).toBeGreaterThan(100_000)
    }
  })

  it('says in gigabytes why a 70B model does not fit one GPU', () => {
    const fit = estimateMemory({ facts: LLAMA_70B, gpu: gpuOf('H100-SXM-80GB'), deployment: deploymentOf({}) })
    expect(fit).toMatchObject({ fits: false, kv_cache_bytes: 0, kv_capacity_tokens: 0 })
    expect(fit.reason).toMatchObject({ code: 'gpu-memory-exceeded', path: 'deployment.config.tensor_parallel_size' })
    expect(fit.reason?.message).toContain('70.5 B parameters in bf16')
    expect(fit.reason?.evidence).toContain('141.1 GB weights')
  })

  it('blames max_model_len when only the cache of the longest request does not fit', () => {
    const deployment = deploymentOf({ max_model_len: 131_072, gpu_memory_utilization: 0.3 })
    const fit = estimateMemory({ facts: LLAMA_8B, gpu: gpuOf('H100-SXM-80GB'), deployment })
    expect(fit.reason).toMatchObject({ code: 'kv-cache-too-small', path: 'deployment.config.max_model_len' })
  })

  it('repeats KV heads once there are more GPUs than heads, so the cache stops shrinking', () => {
    const gpu = gpuOf('B200-SXM-180GB')
    const capacity = (tensor: number) => {
      const fit = estimateMemory({
        facts: factsOf('Qwen/Qwen3-235B-A22B-FP8'.replace('-FP8', '')),
        gpu,
        deployment: deploymentOf({ tensor }),
      })
      return fit.kv_cache_bytes / fit.kv_capacity_tokens
    }
    expect(capacity(4)).toBeCloseTo(capacity(8), 0)
  })

  it('keeps DeepSeek’s compressed cache whole on every GPU', () => {
    const gpu = gpuOf('H200-SXM-141GB')
    const fit = estimateMemory({ facts: DEEPSEEK_V3, gpu, deployment: deploymentOf({ tensor: 8 }) })
    expect(fit.fits).toBe(true)
    expect(fit.kv_cache_bytes / fit.kv_capacity_tokens).toBeCloseTo(70_272, -1)
  })

  it('holds more tokens where layers slide', () => {
    const gpu = gpuOf('H100-SXM-80GB')
    const gemma = factsOf('google/gemma-3-27b-it')
    const workload = { input_tokens: 30_000, output_tokens: 1000 }
    const sliding = estimateMemory({ facts: gemma, gpu, deployment: deploymentOf({ tensor: 2 }), workload })
    const full = { ...gemma, sliding_window: null, sliding_window_layers: 0 }
    const without = estimateMemory({ facts: full, gpu, deployment: deploymentOf({ tensor: 2 }), workload })
    expect(sliding.kv_capacity_tokens).toBeGreaterThan(without.kv_capacity_tokens * 3)
  })

  it('halves the cache with FP8', () => {
    const gpu = gpuOf('H100-SXM-80GB')
    const capacity = (kv_cache_dtype: 'auto' | 'fp8') =>
      estimateMemory({ facts: LLAMA_8B, gpu, deployment: deploymentOf({ kv_cache_dtype }) }).kv_capacity_tokens
    expect(capacity('fp8') / capacity('auto')).toBeCloseTo(2, 2)
  })

  it('keeps attention whole on every data-parallel rank, spreads the experts, and adds up the ranks’ caches', () => {
    const gpu = gpuOf('H200-SXM-141GB')
    const layout = (tensor: number, data_parallel_size: number) =>
      estimateMemory({
        facts: DEEPSEEK_V3,
        gpu,
        deployment: deploymentOf({ tensor, data_parallel_size, expert_parallel: true, max_model_len: 16_384 }),
      })
    const [sliced, ranks] = [layout(8, 1), layout(1, 8)]
    expect(ranks.weights_bytes).toBeGreaterThan(sliced.weights_bytes * 1.05)
    expect(ranks.weights_bytes).toBeLessThan(sliced.weights_bytes * 1.4)
    // The compressed cache is whole on every GPU of a tensor-parallel group, and each rank's own in a data-parallel one.
    expect(ranks.kv_capacity_tokens).toBeGreaterThan(sliced.kv_capacity_tokens * 4)
  })

  it('halves the layers’ weights that are quantised while loading, not the embeddings', () => {
    const gpu = gpuOf('H100-SXM-80GB')
    const weights = (facts: typeof LLAMA_70B, quantization?: 'fp8') =>
      estimateMemory({ facts, gpu, deployment: deploymentOf({ tensor: 4, quantization }) }).weights_bytes
    const embeddings = (2 * 2 * LLAMA_70B.vocab_size * LLAMA_70B.hidden_size) / 4
    const wide = weights(LLAMA_70B)
    expect(weights(LLAMA_70B, 'fp8')).toBeCloseTo((wide - embeddings) / 2 + embeddings, -8)
    const files = { ...LLAMA_70B, weight_bytes: 150 * GB }
    expect(weights(files, 'fp8') / weights(files)).toBeCloseTo(weights(LLAMA_70B, 'fp8') / wide, 6)
  })

  it('never puts more weights on a GPU when there are more of them', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...models.map((model) => model.facts)),
        fc.constantFrom(...gpus),
        fc.constantFrom(1, 2, 4, 8, 16),
        fc.constantFrom(1, 2, 4),
        (facts, gpu, tensor, pipeline) => {
          const at = (t: number, p: number) =>
            estimateMemory({ facts, gpu, deployment: deploymentOf({ tensor: t, pipeline: p }) }).weights_bytes
          expect(at(tensor * 2, pipeline)).toBeLessThanOrEqual(at(tensor, pipeline))
          expect(at(tensor, pipeline * 2)).toBeLessThanOrEqual(at(tensor, pipeline))
        },
      ),
      { numRuns: 300, seed: 3 },
    )
  })

  it('never fits less with more memory to use', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...models.map((model) => model.facts)),
        fc.double({ min: 0.1, max: 0.9, noNaN: true }),
        (facts, share) => {
          const at = (gpu_memory_utilization: number) =>
            estimateMemory({
              facts,
              gpu: gpuOf('H100-SXM-80GB'),
              deployment: deploymentOf({ tensor: 8, gpu_memory_utilization }),
            })
          expect(at(share + 0.05).kv_capacity_tokens).toBeGreaterThanOrEqual(at(share).kv_capacity_tokens)
        },
      ),
      { numRuns: 200, seed: 5 },
    )
  })
})
