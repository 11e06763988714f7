/** `bud sim explain`: why a deployment is predicted as it is, on this machine. */
import type { PredictionExplanation } from '@bud/budsim'
import type { Deployment, GpuSpec, ModelFacts } from '@bud/kernel'
import { readDeploymentFile } from '../deployment-file.ts'
import { wholeOption } from '../numbers.ts'
import { type Cell, heading, ms, reasons, table, trim } from '../output.ts'
import { type Answer, type Terminal, text, type Values } from '../verb.ts'
import { openSimulator, openTrainedModel, type Simulator } from './compose.ts'
import { readWorkload } from './options.ts'
import { describePrediction } from './prediction-view.ts'
import { hasLayout, inPrecision, layoutTitle, statedDeployment, statedGpu, statedModel } from './stated-deployment.ts'

export async function explain(terminal: Terminal, options: Values): Promise<Answer> {
  const simulator = await openSimulator()
  const { budsim, reference } = simulator
  const model = await statedModel(simulator, options, terminal)
  const facts = inPrecision(model.facts, text(options, 'precision'))
  const { gpu, deployment } = await subject(simulator, facts, options, terminal)
  const workload = await readWorkload(options, terminal.say)
  const trained = await openTrainedModel()
  const query = { facts, gpu, deployment, workload }
  const parts = { model: trained, kernels: reference.kernels }
  const prediction = budsim.createTrainedPredictor({ ...parts, prices: reference.prices }).predict(query)
  const explanation = budsim.explainPrediction(parts, query)
  const { blocking } = budsim.checkDeployment(query)
  const lines = [
    heading(`${model.name} on ${gpu.id}: ${deployment.replicas} × ${layoutTitle(deployment)}`),
    ...(blocking.length > 0 ? ['It cannot run, but if it did:', reasons(blocking)] : []),
    describePrediction(prediction),
    '',
    describeExplanation(explanation),
  ]
  return {
    data: { model: model.name, deployment, workload, prediction, explanation, blocking },
    text: lines.join('\n'),
  }
}

/** Of a file, or of flags: then without a layout the smallest that fits. */
async function subject(
  simulator: Simulator,
  facts: ModelFacts,
  options: Values,
  terminal: Terminal,
): Promise<{ gpu: GpuSpec; deployment: Deployment }> {
  const file = text(options, 'file')
  if (file !== undefined) {
    const deployment = await readDeploymentFile(file)
    return { deployment, gpu: statedGpu(simulator, { gpu: deployment.resources.gpu_type }, terminal) }
  }
  const gpu = statedGpu(simulator, options, terminal)
  const stated = { ...statedDeployment(options, gpu), replicas: wholeOption(options, 'replicas', '--replicas') ?? 1 }
  const smallest = hasLayout(options) ? undefined : simulator.budsim.smallestLayout({ facts, gpu, deployment: stated })
  return { gpu, deployment: smallest?.deployment ?? stated }
}

function describeExplanation({
  load,
  token,
  first_token: first,
  corrections,
  interval,
  binds,
}: PredictionExplanation): string {
  const limit = load.limited_by === 'kv_cache' ? 'the KV cache' : 'max_num_seqs'
  return [
    `Each replica serves ${trim(load.requests_in_flight)} requests at once of the ${trim(load.places)} that ${limit} allows: ${percent(load.utilisation)} of its ${trim(load.max_requests_per_s)} requests/s.`,
    '',
    heading(
      `A token every ${ms(token.tpot_ms)}, ${trim(token.sequences_per_rank)} sequences of ${trim(token.context_tokens)} tokens together`,
    ),
    shares([
      ['matrix products', token.gemm_ms],
      ['experts', token.experts_ms],
      ['attention', token.attention_ms],
      ['communication', token.collective_ms],
      ['element-wise', token.elementwise_ms],
      ['host', token.host_ms],
      ['other prompts', token.interference_ms],
    ]),
    `Physics says ${ms(token.physics_ms)}; ${factors(corrections.tpot)}.`,
    '',
    heading(`A first token after ${ms(first.ttft_ms)}`),
    shares([
      ['its prompt', first.prompt_ms],
      ['step and request', first.step_and_request_ms],
      ['other prompts', first.other_prompts_ms],
      ['waiting for a place', first.place_wait_ms],
    ]),
    `Beside physics, ${factors(corrections.ttft)}.`,
    '',
    heading('What binds'),
    ...binds.map(({ share, resource, message }) => `  ${percent(share).padStart(5)}  ${resource}: ${message}`),
    '',
    `Four of five measurements lie within ${within(interval.tpot)} (time per token), ${within(interval.ttft)} (first token) and ${within(interval.output)} (throughput) of what is predicted: ${interval.interval_group}, ${interval.novelty.replaceAll('-', ' ')}.`,
  ].join('\n')
}

const WIDTH = 24

/** A bar for each part that takes any time. */
function shares(parts: ReadonlyArray<readonly [name: string, ms: number]>): string {
  const total = parts.reduce((sum, [, value]) => sum + value, 0)
  const rows = parts
    .filter(([, value]) => value > 0)
    .map(([name, value]): Cell[] => [
      name,
      ms(value),
      '█'.repeat(Math.round((value / total) * WIDTH)),
      percent(value / total),
    ])
  return table(['PART', 'TIME', 'SHARE', ''], rows)
}

interface Correction {
  trees: number
  refinement: number
}

const factors = ({ trees, refinement }: Correction): string =>
  `measured rows make it × ${trees.toFixed(2)}${refinement === 1 ? '' : `, observations × ${refinement.toFixed(2)}`}`
const percent = (share: number): string => `${Math.round(share * 100)} %`
const within = ({ low, high }: { low: number; high: number }): string =>
  `${Math.round((low - 1) * 100)}…+${Math.round((high - 1) * 100)} %`
