import type { ModelVersionStateName } from '@bud/kernel'
import { describe, expect, it } from 'vitest'
import { availableModel, clusterOf, node } from '../testing/cluster-views.ts'
import { llamaOn } from '../testing/llama-facts.ts'
import { gpuCatalogue } from '../testing/reference.ts'
import { type DeploymentQuestion, validateDeployment } from './validate-deployment.ts'

const demo = clusterOf(
  node('h100-1', 'H100-SXM-80GB', 8),
  node('a100-1', 'A100-SXM-80GB', 4),
  node('a100-2', 'A100-SXM-80GB', 4),
)
const ask = (change: Partial<DeploymentQuestion> = {}) =>
  validateDeployment({
    name: { value: 'chat', taken_by: undefined },
    cluster: demo,
    model: availableModel,
    deployment: llamaOn('nvidia-a100-80gb', 4, 2),
    gpus: gpuCatalogue,
    check_capacity: true,
    ...change,
  })
const codes = (change: Partial<DeploymentQuestion>) => ask(change).reasons.map(({ code }) => code)
const inState = (name: ModelVersionStateName) => ({
  model: { ...availableModel, state: { ...availableModel.state, name } },
})

const licensed = (stage: 'staging' | 'production', action: 'warn' | 'block') => ({
  ...availableModel,
  licence: {
    ...availableModel.licence,
    [stage]: { action, reasons: [{ code: 'licence', message: 'Not for money.' }] },
  },
})

describe('validateDeployment', () => {
  it('lets the policy speak about the licence, for the stage of this cluster alone', () => {
    expect(codes({ model: licensed('staging', 'block') })).toEqual(['licence'])
    expect(codes({ model: licensed('production', 'block') })).toEqual([])
    expect(codes({ model: licensed('production', 'block'), cluster: { ...demo, stage: 'production' } })).toEqual([
      'licence',
    ])
    expect(ask({ model: licensed('staging', 'warn') })).toMatchObject({
      reasons: [],
      warnings: expect.arrayContaining([expect.objectContaining({ code: 'licence', path: 'model' })]),
    })
  })

  it('lets the guide’s deployment pass, and says which GPUs it would get', () => {
    expect(ask()).toMatchObject({
      reasons: [],
      gpu: { id: 'A100-SXM-80GB' },
      placement: [
        { node: 'a100-1', gpus: 4 },
        { node: 'a100-2', gpus: 4 },
      ],
    })
  })

  it.each<[string, Partial<DeploymentQuestion>, string[]]>([
    ['a name that is no DNS label', { name: { value: 'Chat Bot', taken_by: undefined } }, ['invalid-name']],
    ['a name in use', { name: { value: 'chat', taken_by: { id: 'ep-1', state: 'ready' } } }, ['name-taken']],
    [
      'a cluster that does not answer',
      { cluster: { ...demo, unreachable_reason: 'refused' } },
      ['cluster-unreachable'],
    ],
    ['a model under import', inState('importing'), ['model-importing']],
    ['a model under scan', inState('scanning'), ['model-scanning']],
    ['a quarantined model', inState('quarantined'), ['model-quarantined']],
    ['a model not scanned to its end', inState('scan-incomplete'), ['model-scan-incomplete']],
    ['a model that failed', inState('failed'), ['model-failed']],
    ['an archived model', inState('archived'), ['model-archived']],
    [
      'a catalogue entry where weights are loaded',
      { cluster: { ...demo, needs_artifacts: true } },
      ['model-has-no-files'],
    ],
    ['a model nothing is known about', { model: { ...availableModel, facts: null } }, ['model-facts-unknown']],
    ['a GPU nobody knows', { deployment: llamaOn('nvidia-z9000') }, ['unknown-gpu-type']],
    ['a GPU the cluster lacks', { deployment: llamaOn('L4-24GB') }, ['gpu-type-absent']],
    ['more GPUs than there are', { deployment: llamaOn('A100-SXM-80GB', 4, 3) }, ['not-enough-gpus']],
    ['a group that no node holds', { deployment: llamaOn('A100-SXM-80GB', 8) }, ['gpus-fragmented']],
    [
      'a gpu_count that is not TP × PP',
      { deployment: { ...llamaOn('A100-SXM-80GB', 2), resources: { gpu_type: 'A100-SXM-80GB', gpu_count: 4 } } },
      ['gpu-count-mismatch'],
    ],
  ])('refuses %s', (_what, change, expected) => {
    expect(codes(change)).toEqual(expected)
  })

  it('names every reason at once', () => {
    expect(
      codes({
        name: { value: 'chat', taken_by: { id: 'ep-1', state: 'ready' } },
        ...inState('quarantined'),
        cluster: { ...demo, needs_artifacts: true },
        deployment: llamaOn('A100-SXM-80GB', 3, 9),
      }),
    ).toEqual(
      expect.arrayContaining([
        'name-taken',
        'model-quarantined',
        'model-has-no-files',
        'heads-not-divisible',
        'not-enough-gpus',
      ]),
    )
  })

  it('says who holds the GPUs that are missing', () => {
    const [reason] = ask({ cluster: clusterOf(node('a100-1', 'A100-SXM-80GB', 8, 2)) }).reasons
    expect(reason).toMatchObject({ message: expect.stringContaining('in use by other (6 GPUs)') })
  })

  it('does not count nodes that are not ready', () => {
    const away = demo.nodes.map((one) => (one.name === 'a100-2' ? { ...one, ready: false, gpus_free: 0 } : one))
    expect(codes({ cluster: { ...demo, nodes: away } })).toEqual(['not-enough-gpus'])
  })

  it('leaves capacity to whoever plans it', () => {
    expect(codes({ deployment: llamaOn('A100-SXM-80GB', 4, 50), check_capacity: false })).toEqual([])
  })

  it('takes, of several GPUs an alias means, the one that everything fits on, and says so', () => {
    const cluster = clusterOf(node('sxm', 'H100-SXM-80GB', 8, 0), node('pcie', 'H100-PCIe-80GB', 8))
    const verdict = ask({ cluster, deployment: llamaOn('nvidia-h100-80gb', 2) })
    expect(verdict).toMatchObject({
      reasons: [],
      gpu: { id: 'H100-PCIe-80GB' },
      placement: [{ node: 'pcie', gpus: 2 }],
    })
    expect(verdict.warnings.map(({ code }) => code)).toContain('gpu-type-ambiguous')
  })
})
