import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Deployment, DeploymentDocument, ResourceName, SimulatedFault, Targets, Timestamp, Workload } from './index.ts'

/** The document of the workflow guide, as its YAML parses. */
const guide = {
  deployment: {
    runtime: 'vllm',
    config: {
      tensor_parallel_size: 4,
      pipeline_parallel_size: 1,
      max_model_len: 8192,
      max_num_seqs: 256,
      gpu_memory_utilization: 0.9,
    },
    replicas: 2,
    resources: { gpu_type: 'nvidia-a100-80gb', gpu_count: 4 },
  },
}

const problems = (parsed: { error?: { issues: { path: PropertyKey[]; message: string }[] } | undefined }) =>
  parsed.error?.issues.map((issue) => issue.path.join('.'))

describe('the deployment document', () => {
  test('is taken as the guide writes it; what it leaves out has a default', () => {
    expect(DeploymentDocument.parse(guide)).toEqual({
      deployment: {
        ...guide.deployment,
        config: { ...guide.deployment.config, kv_cache_dtype: 'auto', enable_prefix_caching: true },
      },
    })
  })

  test('needs no more than the runtime and the GPUs', () => {
    const least = { runtime: 'sglang', resources: { gpu_type: 'L40S-48GB', gpu_count: 1 } }
    expect(Deployment.parse(least)).toEqual({
      ...least,
      replicas: 1,
      config: {
        tensor_parallel_size: 1,
        pipeline_parallel_size: 1,
        max_num_seqs: 256,
        gpu_memory_utilization: 0.9,
        kv_cache_dtype: 'auto',
        enable_prefix_caching: true,
      },
    })
  })

  test('read again after it was read is the same', () => {
    const once = DeploymentDocument.parse(guide)
    expect(DeploymentDocument.parse(JSON.parse(JSON.stringify(once)))).toEqual(once)
  })

  test('with fields that do not exist is refused, at every depth', () => {
    const { deployment } = guide
    const strange = [
      { ...guide, replicas: 2 },
      { deployment: { ...deployment, gpu: 4 } },
      { deployment: { ...deployment, config: { ...deployment.config, tp: 4 } } },
      { deployment: { ...deployment, resources: { ...deployment.resources, memory: '80Gi' } } },
    ]
    for (const document of strange) expect(DeploymentDocument.safeParse(document).success).toBe(false)
  })

  test('with several faults has all of them told at once', () => {
    const { deployment } = guide
    const parsed = Deployment.safeParse({
      ...deployment,
      runtime: 'llama.cpp',
      replicas: 0,
      config: { ...deployment.config, gpu_memory_utilization: 1.5, tensor_parallel_size: 1.5 },
    })
    expect(problems(parsed)?.sort()).toEqual([
      'config.gpu_memory_utilization',
      'config.tensor_parallel_size',
      'replicas',
      'runtime',
    ])
  })
})

describe('a workload', () => {
  test('says how much by concurrency or by request rate, never both', () => {
    expect(Workload.safeParse({ concurrency: 8 }).success).toBe(true)
    expect(Workload.safeParse({ request_rate_per_s: 0.5 }).success).toBe(true)
    const both = Workload.safeParse({ concurrency: 8, request_rate_per_s: 0.5 })
    expect(problems(both)).toEqual(['concurrency'])
  })

  test('has a shape also when nothing is said', () => {
    expect(Workload.parse({})).toEqual({ input_tokens: 1024, output_tokens: 256, prefix_cache_share: 0 })
  })

  test('and targets refuse fields that do not exist, so that a misspelt limit is no lost limit', () => {
    expect(Workload.safeParse({ concurency: 8 }).success).toBe(false)
    expect(Targets.safeParse({ ttft: 500 }).success).toBe(false)
    expect(Targets.safeParse({ ttft_ms: 0 }).success).toBe(false)
  })
})

describe('a resource name', () => {
  test('that is accepted is a DNS label with room for a suffix', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom('a', 'z', '0', '-', 'A', '.', '_', ' '), maxLength: 45 }),
        (name) => {
          const label = /^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/.test(name) && name.length <= 40
          expect(ResourceName.safeParse(name).success).toBe(label)
        },
      ),
      { numRuns: 500 },
    )
  })

  test('that is refused says what would be right', () => {
    expect(ResourceName.safeParse('My Model').error?.issues[0]?.message).toMatch(/1–40 lower-case letters/)
  })
})

test('every moment a clock can tell is a timestamp', () => {
  fc.assert(
    fc.property(
      fc.date({ min: new Date(0), max: new Date('9999-12-31'), noInvalidDate: true }),
      (moment) => Timestamp.safeParse(moment.toISOString()).success,
    ),
  )
})

test('an empty fault clears, and a fault that no simulator knows is refused', () => {
  expect(SimulatedFault.parse({})).toEqual({})
  expect(SimulatedFault.safeParse({ on_fire: true }).success).toBe(false)
})
