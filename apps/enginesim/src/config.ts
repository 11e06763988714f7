/** Command line and environment → options, with every problem listed at once. */
import { readFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { EngineName, invalidInput, messageOf, SimulatedNode } from '@bud/kernel'
import { z } from 'zod'

export const HELP = `enginesim: a simulated GPU cluster whose replicas speak as vLLM, SGLang or TensorRT-LLM do

One cluster (how the control plane starts it):
  node apps/enginesim/src/main.ts --state-dir DIR --nodes-file FILE [--token-file FILE]
      --state-dir DIR              where releases are kept
      --nodes-file FILE            JSON: [{"name", "gpu_type", "gpu_count"}, …]
      --token-file FILE            bearer token of /control (or BUD_ENGINESIM_TOKEN)

One engine, to try it:
  node apps/enginesim/src/main.ts --try vllm [--model NAME] [--gpu ID]
      --try ENGINE                 vllm, sglang or tensorrt-llm
      --model NAME                 an architecture of data/models.csv (default: the first with 7–9 B parameters)
      --gpu ID                     a GPU of data/gpus.csv (default H100-SXM-80GB)
      --engine-version V           default: the newest known
      --served-model-name NAME     default: demo
      --max-model-len N, --max-num-seqs N, --tensor-parallel-size N

Both:
      --port N                     default 0: the last run's if free, else any; 127.0.0.1 only
      --startup-time-factor X      scales start-up phases; 1 is a real cluster (default 0.02)
      --help
`

const Port = z.coerce.number().int().min(0).max(65_535)
const count = (most: number) => z.coerce.number().int().min(1).max(most).optional()

const Common = z.object({
  port: Port.default(0),
  'startup-time-factor': z.coerce.number().min(0).max(100).default(0.02),
})

const ClusterArgs = Common.extend({
  'state-dir': z.string().min(1),
  'nodes-file': z.string().min(1),
  'token-file': z.string().optional(),
})

const TryArgs = Common.extend({
  try: EngineName,
  model: z.string().optional(),
  gpu: z.string().default('H100-SXM-80GB'),
  'engine-version': z.string().optional(),
  'served-model-name': z.string().default('demo'),
  'max-model-len': count(10_000_000),
  'max-num-seqs': count(65_536),
  'tensor-parallel-size': count(64),
})
export type TryConfig = z.infer<typeof TryArgs>

export type Config =
  | { mode: 'help' }
  | { mode: 'try'; port: number; startupTimeFactor: number; trial: TryConfig }
  | {
      mode: 'cluster'
      port: number
      startupTimeFactor: number
      stateDir: string
      token: string
      nodes: SimulatedNode[]
    }

/** Throws invalid-input. */
export function readConfig(argv: readonly string[]): Config {
  const values = readFlags(argv)
  if (values.help) return { mode: 'help' }
  if (values.try !== undefined) {
    const trial = check(TryArgs, values)
    return { mode: 'try', port: trial.port, startupTimeFactor: trial['startup-time-factor'], trial }
  }
  const args = check(ClusterArgs, values)
  return {
    mode: 'cluster',
    port: args.port,
    startupTimeFactor: args['startup-time-factor'],
    stateDir: args['state-dir'],
    token: readToken(args['token-file']),
    nodes: readNodes(args['nodes-file']),
  }
}

function readFlags(argv: readonly string[]): Record<string, string | boolean | undefined> {
  const names = [...Object.keys(ClusterArgs.shape), ...Object.keys(TryArgs.shape)]
  const options = Object.fromEntries(names.map((name) => [name, { type: 'string' as const }]))
  try {
    return parseArgs({ args: [...argv], options: { ...options, help: { type: 'boolean' } } }).values
  } catch (error) {
    throw invalidInput(`${messageOf(error)} See --help.`)
  }
}

function check<Schema extends z.ZodType>(schema: Schema, values: unknown): z.output<Schema> {
  const parsed = schema.safeParse(values)
  if (parsed.success) return parsed.data
  const problems = parsed.error.issues.map(({ path, message }) => `--${path.join('.')}: ${message}`)
  throw invalidInput(`${problems.join('; ')}. See --help.`)
}

function readToken(file: string | undefined): string {
  const token = (file === undefined ? process.env.BUD_ENGINESIM_TOKEN : readFileSync(file, 'utf8'))?.trim()
  if (!token) throw invalidInput('The control interface needs a token: --token-file or BUD_ENGINESIM_TOKEN.')
  return token
}

function readNodes(file: string): SimulatedNode[] {
  let json: unknown
  try {
    json = JSON.parse(readFileSync(file, 'utf8'))
  } catch (error) {
    throw invalidInput(`Nodes file ${file} cannot be read: ${messageOf(error)}`)
  }
  const parsed = z.array(SimulatedNode).safeParse(json)
  if (!parsed.success) throw invalidInput(`Nodes file ${file}: ${z.prettifyError(parsed.error)}`)
  return parsed.data
}
