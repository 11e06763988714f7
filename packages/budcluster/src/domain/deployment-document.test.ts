import { BudError } from '@bud/kernel'
import { describe, expect, it } from 'vitest'
import { parseDeployment, parseDeploymentText } from './deployment-document.ts'

const GUIDE = `deployment:
  runtime: vllm
  config:
    tensor_parallel_size: 4
    pipeline_parallel_size: 1
    max_model_len: 8192
    max_num_seqs: 256
    gpu_memory_utilization: 0.9
  replicas: 2
  resources:
    gpu_type: nvidia-a100-80gb
    gpu_count: 4
`

const problemsOf = (parse: () => unknown) => {
  try {
    parse()
  } catch (error) {
    if (error instanceof BudError)
      return error.reasons.map(({ path, message, evidence }) => ({ path, message, evidence }))
    throw error
  }
  throw new Error('nothing was refused')
}

describe('parseDeploymentText', () => {
  it("reads the guide's YAML as it stands", () => {
    const deployment = parseDeploymentText(GUIDE)
    expect(deployment).toMatchObject({ runtime: 'vllm', replicas: 2, resources: { gpu_type: 'nvidia-a100-80gb' } })
    expect(deployment.config).toMatchObject({ tensor_parallel_size: 4, max_num_seqs: 256, kv_cache_dtype: 'auto' })
  })

  it('reads JSON, and takes the document without its outer key', () => {
    const deployment = parseDeploymentText('{"runtime": "sglang", "resources": {"gpu_type": "l40s", "gpu_count": 1}}')
    expect(deployment).toMatchObject({ runtime: 'sglang', replicas: 1, config: { tensor_parallel_size: 1 } })
  })

  it('lists every problem with its path and its line', () => {
    const text = GUIDE.replace('vllm', 'vlm')
      .replace('replicas: 2', 'replicas: two')
      .replace('max_num_seqs', 'max_seqs')
    const problems = problemsOf(() => parseDeploymentText(text))
    expect(problems.map(({ path, evidence }) => `${path} ${evidence}`).sort()).toEqual([
      'deployment.config.max_seqs line 7',
      'deployment.replicas line 9',
      'deployment.runtime line 2',
    ])
  })

  it('says where the text stops being YAML, for each place', () => {
    const problems = problemsOf(() =>
      parseDeploymentText('deployment:\n  runtime: [vllm\n  config: {a: 1\nreplicas: 3'),
    )
    expect(problems.length).toBeGreaterThan(1)
    expect(problems[0]?.evidence).toMatch(/^line \d+$/)
  })

  it('names a missing part by its path even where nothing stands', () => {
    expect(problemsOf(() => parseDeploymentText(''))).toHaveLength(1)
    expect(problemsOf(() => parseDeploymentText('runtime: vllm')).map(({ path }) => path)).toEqual([
      'deployment.resources',
    ])
  })

  it('refuses what stands beside the outer key', () => {
    const problems = problemsOf(() => parseDeployment({ deployment: parseDeploymentText(GUIDE), replicas: 3 }))
    expect(problems.map(({ path }) => path)).toEqual(['replicas'])
  })
})
