/** `bud sim fit`: does a model fit a GPU, what is its memory spent on, and what is the least that holds it? */
import { Deployment, type GpuSpec, invalidInput, type ModelFacts, type Reason, WeightPrecision } from '@bud/kernel'
import { wholeOption } from '../numbers.ts'
import { goodOrBad, heading, reasons } from '../output.ts'
import { type Answer, type Terminal, text, type Values } from '../verb.ts'
import { openSimulator, type Simulator } from './compose.ts'
import { memoryBar } from './memory-bar.ts'
import { readModelArgument } from './model-argument.ts'
import { readWorkload, required } from './options.ts'

export async function fit(terminal: Terminal, options: Values): Promise<Answer> {
  const simulator = await openSimulator()
  const model = await statedModel(simulator, options, terminal)
  const gpu = statedGpu(simulator, options, terminal)
  const facts = inPrecision(model.facts, text(options, 'precision'))
  const workload = await readWorkload(options, terminal.say)
  const { budsim } = simulator
  const stated = statedDeployment(options, gpu)
  const smallest = budsim.smallestLayout({ facts, gpu, deployment: stated, workload })
  const laidOut = ['tp', 'pp', 'dp'].some((name) => text(options, name) !== undefined)
  const deployment = laidOut || !smallest ? stated : smallest.deployment
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
    heading(`${model.name} on ${gpu.id}: ${layoutOf(deployment)}`),
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
  return [`The smallest that fits: ${layoutOf(smallest)}.`]
}

function layoutOf({ config, resources, runtime }: Deployment): string {
  const ranks = (config.data_parallel_size ?? 1) > 1 ? ` × DP ${config.data_parallel_size}` : ''
  const gpus = `${resources.gpu_count} GPU${resources.gpu_count === 1 ? '' : 's'}`
  return `TP ${config.tensor_parallel_size} × PP ${config.pipeline_parallel_size}${ranks} (${gpus}) with ${runtime}`
}

export async function statedModel(
  { budsim, models }: Simulator,
  options: Values,
  { say }: Terminal,
): Promise<{ name: string; facts: ModelFacts }> {
  const given = await readModelArgument(required(options, 'model', '--model', 'Name one, or give its config.json.'))
  const notes: string[] = []
  const model = budsim.resolveModel(given, models, notes)
  notes.forEach(say)
  return model
}

export function statedGpu({ gpus }: Simulator, options: Values, { say }: Terminal): GpuSpec {
  const given = required(options, 'gpu', '--gpu', 'For example --gpu H100-SXM-80GB.')
  const [gpu, ...others] = gpus.resolve(given)
  if (!gpu) throw invalidInput(`No GPU type "${given}" in the catalogue.`)
  if (gpu.id !== given) {
    say(
      `${given} is read as ${gpu.id}${others.length > 0 ? ` (it may also be ${others.map(({ id }) => id).join(', ')})` : ''}.`,
    )
  }
  return gpu
}

/** The facts as they would be in another precision: weights are then counted, not weighed. */
function inPrecision(facts: ModelFacts, stated: string | undefined): ModelFacts {
  if (stated === undefined) return facts
  const precision = WeightPrecision.safeParse(stated)
  if (!precision.success)
    throw invalidInput(`--precision must be one of ${WeightPrecision.options.join(', ')}, not "${stated}".`)
  return precision.data === facts.weight_precision
    ? facts
    : { ...facts, weight_precision: precision.data, weight_bytes: null }
}

function statedDeployment(options: Values, gpu: GpuSpec): Deployment {
  const size = (name: string) => wholeOption(options, name, `--${name}`) ?? 1
  const parsed = Deployment.safeParse({
    runtime: text(options, 'engine'),
    config: {
      tensor_parallel_size: size('tp'),
      pipeline_parallel_size: size('pp'),
      ...(size('dp') > 1 && { data_parallel_size: size('dp'), expert_parallel: true }),
      max_model_len: wholeOption(options, 'maxModelLen', '--max-model-len'),
      max_num_seqs: wholeOption(options, 'maxNumSeqs', '--max-num-seqs'),
      gpu_memory_utilization: Number(text(options, 'gpuMemoryUtilization')),
      kv_cache_dtype: text(options, 'kvCache'),
    },
    resources: { gpu_type: gpu.id, gpu_count: size('tp') * size('pp') * size('dp') },
  })
  if (parsed.success) return parsed.data
  const problems: Reason[] = parsed.error.issues.map(({ path, message }) => ({
    code: 'invalid-input',
    message: `${path.join('.')}: ${message}`,
  }))
  throw invalidInput(problems.map(({ message }) => message).join(' · '), problems)
}
