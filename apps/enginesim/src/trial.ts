/** One engine on one node, for trying it by hand and for the conformance suite. */
import { randomBytes } from 'node:crypto'
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ReferenceData } from '@bud/budsim/adapters/reference-data'
import { engineFacts } from '@bud/engines'
import { Deployment, notFound, type SimulatedReplica } from '@bud/kernel'
import { type Enginesim, startEnginesim } from './compose.ts'
import type { TryConfig } from './config.ts'

const SMALL_PARAMETERS = [7e9, 9e9] as const
const POLL_MS = 20

export interface Trial {
  enginesim: Enginesim
  replica: SimulatedReplica
}

/** Resolves once the replica is ready or has failed to start. */
export async function startTrial(trial: TryConfig, reference: Omit<ReferenceData, 'prices'>): Promise<Trial> {
  const model = chooseModel(trial.model, reference.models)
  const gpuCount = trial['tensor-parallel-size'] ?? 1
  const enginesim = await startEnginesim({
    nodes: [{ name: 'node-1', gpu_type: trial.gpu, gpu_count: gpuCount }],
    gpus: reference.gpus,
    kernels: reference.kernels,
    stateDir: mkdtempSync(join(tmpdir(), 'enginesim-')),
    token: randomBytes(32).toString('hex'),
    port: trial.port,
    startupTimeFactor: trial['startup-time-factor'],
  })
  const deployment = Deployment.parse({
    runtime: trial.try,
    runtime_version: trial['engine-version'] ?? engineFacts(trial.try).version,
    config: {
      tensor_parallel_size: gpuCount,
      max_model_len: trial['max-model-len'],
      max_num_seqs: trial['max-num-seqs'],
    },
    resources: { gpu_type: trial.gpu, gpu_count: gpuCount },
  })
  enginesim.cluster.put({
    name: 'trial',
    endpoint_id: 'trial',
    served_model_name: trial['served-model-name'],
    facts: model.facts,
    groups: [{ revision: 1, replicas: 1, deployment }],
  })
  return { enginesim, replica: await settled(enginesim) }
}

function chooseModel(name: string | undefined, models: ReferenceData['models']) {
  const found =
    name === undefined
      ? models.find(
          ({ facts }) => facts.parameter_count > SMALL_PARAMETERS[0] && facts.parameter_count < SMALL_PARAMETERS[1],
        )
      : models.find((model) => model.name.toLowerCase() === name.toLowerCase())
  if (found === undefined) throw notFound('architecture', name ?? '7–9 B', 'data/models.csv lists what exists.')
  return found
}

async function settled(enginesim: Enginesim): Promise<SimulatedReplica> {
  for (;;) {
    const [replica] = enginesim.cluster.release('trial').replicas
    if (replica !== undefined && ['ready', 'crashed', 'unschedulable'].includes(replica.phase)) return replica
    await new Promise((resolve) => setTimeout(resolve, POLL_MS))
  }
}
