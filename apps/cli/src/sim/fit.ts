/** `bud sim fit`: does a model fit a GPU, what is its memory spent on, and what is the least that holds it? */
import type { Deployment, GpuSpec } from '@bud/kernel'
import { goodOrBad, heading, reasons } from '../output.ts'
import { type Answer, type Terminal, text, type Values } from '../verb.ts'
import { openSimulator } from './compose.ts'
import { memoryBar } from './memory-bar.ts'
import { readWorkload } from './options.ts'
import { hasLayout, inPrecision, layoutTitle, statedDeployment, statedGpu, statedModel } from './stated-deployment.ts'

export async function fit(terminal: Terminal, options: Values): Promise<Answer> {
  const simulator = await openSimulator()
  const model = await statedModel(simulator, options, terminal)
  const gpu = statedGpu(simulator, options, terminal)
  const facts = inPrecision(model.facts, text(options, 'precision'))
  const workload = await readWorkload(options, terminal.say)
  const { budsim } = simulator
  const stated = statedDeployment(options, gpu)
  const smallest = budsim.smallestLayout({ facts, gpu, deployment: stated, workload })
  const deployment = hasLayout(options) || !smallest ? stated : smallest.deployment
  const memory = budsim.estimateMemory({ facts, deployment, gpu, workload })
  const { blocking, warnings } = budsim.checkDeployment({ facts, deployment, gpu })
  const problems =
    memory.reason && !blocking.some(({ code }) => code === memory.reason?.code)
      ? [...blocking, memory.reason]
      : blocking
  const fits = problems.length === 0
  const data = {
    model: model.name,
    gpu: gpu.id,
    fits,
    deployment,
    memory,
    reasons: problems,
    warnings,
    smallest: smallest ?? null,
  }
  const lines = [
    heading(`${model.name} on ${gpu.id}: ${layoutTitle(deployment)}`),
    `${goodOrBad(fits)} ${fits ? 'It fits.' : 'It does not fit:'}`,
    ...(fits ? [] : [reasons(problems)]),
    memoryBar(memory),
    ...(fits ? [capacity(memory, workload.input_tokens + workload.output_tokens)] : []),
    ...advice(smallest?.deployment, deployment, gpu),
    ...(warnings.length > 0 ? ['Worth knowing:', reasons(warnings)] : []),
  ]
  return { data, text: lines.join('\n'), ...(fits ? {} : { exitCode: 1 }) }
}

const capacity = (memory: { kv_capacity_tokens: number; max_concurrent_sequences: number }, length: number): string =>
  `The cache of one replica holds ${memory.kv_capacity_tokens.toLocaleString('en')} tokens: ${memory.max_concurrent_sequences} requests of ${length} at once.`

function advice(smallest: Deployment | undefined, asked: Deployment, gpu: GpuSpec): string[] {
  if (!smallest) return [`No layout of ${asked.runtime} on ${gpu.id} holds it.`]
  if (smallest.resources.gpu_count === asked.resources.gpu_count) return []
  return [`The smallest that fits: ${layoutTitle(smallest)}.`]
}
