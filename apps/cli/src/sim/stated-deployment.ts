/** Model, GPU and deployment as the flags of `bud sim fit` and `bud sim explain` state them. */
import { Deployment, type GpuSpec, invalidInput, type ModelFacts, type Reason, WeightPrecision } from '@bud/kernel'
import { wholeOption } from '../numbers.ts'
import { type Terminal, text, type Values } from '../verb.ts'
import type { Simulator } from './compose.ts'
import { readModelArgument } from './model-argument.ts'
import { required } from './options.ts'

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
export function inPrecision(facts: ModelFacts, stated: string | undefined): ModelFacts {
  if (stated === undefined) return facts
  const precision = WeightPrecision.safeParse(stated)
  if (!precision.success)
    throw invalidInput(`--precision must be one of ${WeightPrecision.options.join(', ')}, not "${stated}".`)
  return precision.data === facts.weight_precision
    ? facts
    : { ...facts, weight_precision: precision.data, weight_bytes: null }
}

export function statedDeployment(options: Values, gpu: GpuSpec): Deployment {
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

export function layoutTitle({ config, resources, runtime }: Deployment): string {
  const ranks = (config.data_parallel_size ?? 1) > 1 ? ` × DP ${config.data_parallel_size}` : ''
  const gpus = `${resources.gpu_count} GPU${resources.gpu_count === 1 ? '' : 's'}`
  return `TP ${config.tensor_parallel_size} × PP ${config.pipeline_parallel_size}${ranks} (${gpus}) with ${runtime}`
}

export const hasLayout = (options: Values): boolean =>
  ['tp', 'pp', 'dp'].some((name) => text(options, name) !== undefined)
