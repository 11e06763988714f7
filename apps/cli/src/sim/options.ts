/** What is asked of a configuration, as flags of several verbs. */
import {
  EngineName,
  invalidInput,
  Objective,
  SearchMethod,
  type Targets,
  WeightPrecision,
  type Workload,
} from '@bud/kernel'
import type { z } from 'zod'
import { number } from '../numbers.ts'
import { type Terminal, text, type Values, type VerbSpec } from '../verb.ts'
import { readTraceFile } from './files.ts'

type Options = NonNullable<VerbSpec['options']>

export const workloadOptions: Options = [
  ['--input-tokens <n>', 'mean prompt length (default 1024)'],
  ['--output-tokens <n>', 'mean answer length (default 256)'],
  ['--concurrency <n>', 'requests in flight'],
  ['--request-rate <n>', 'arrivals per second'],
]
/** What else may be known of a load. */
export const trafficOptions: Options = [
  ['--preset <name>', 'a usual load: chat, rag, code-completion, summarising, batch; other flags win over it'],
  [
    '--trace <file>',
    'requests as they came, JSON Lines or CSV: lengths, arrivals and repeated prefixes are read from it',
  ],
  ['--input-tokens-p95 <n>', '95th percentile of prompt lengths'],
  ['--output-tokens-p95 <n>', '95th percentile of answer lengths'],
  ['--prefix-share <share>', 'share of prompt tokens seen before, 0–0.99'],
  ['--arrival-cv <n>', 'spread of the times between arrivals; 1 is random, more comes in bursts'],
  ['--structured-output', 'answers follow a JSON schema'],
]
export const targetOptions: Options = [
  ['--ttft-ms <ms>', 'time to first token, at most'],
  ['--e2e-ms <ms>', 'end-to-end latency, at most'],
  ['--tokens-per-s <n>', 'output tokens per second of the deployment, at least'],
  ['--tokens-per-s-per-user <n>', 'output tokens per second of one stream, at least'],
  ['--budget-per-hour <usd>', 'cost, at most'],
  ['--budget-per-month <usd>', 'cost, at most'],
]

export const searchOptions: Options = [
  ['--objective <objective>', 'cost, latency or throughput (default cost)'],
  ['--runtimes <names>', 'engines to consider, e.g. vllm,sglang (default all)'],
  ['--confidence <share>', 'how sure each limit must be held: 0.5 takes predictions as they are, 0.9 is safe'],
  ['--allow-quantization', 'also consider FP8 quantisation while loading'],
  ['--memory-headroom <share>', 'of GPU memory kept free (default 0.1)'],
  ['--search <method>', 'auto, exhaustive or genetic'],
]
export const placeOptions: Options = [
  ['--request <file>', 'the whole request as JSON (- for standard input); flags win over it. No server is asked'],
  ['--gpus <list>', 'free GPUs instead of a cluster, e.g. 16xH100-SXM-80GB or 2x8xA100-SXM-80GB. No server is asked'],
]

export const fitOptions: Options = [
  ['--model <model>', 'name, config.json or a folder with one'],
  ['--gpu <type>', 'catalogue id or alias, e.g. H100-SXM-80GB or a100'],
  ['--engine <engine>', 'vllm, sglang or tensorrt-llm', 'vllm'],
  ['--tp <n>', 'tensor parallel size; without --tp, --pp and --dp the smallest layout that fits'],
  ['--pp <n>', 'pipeline parallel size'],
  ['--dp <n>', 'attention ranks that share the experts'],
  ['--precision <precision>', `of the weights: ${WeightPrecision.options.join(', ')}; default: as published`],
  ['--kv-cache <type>', 'auto or fp8', 'auto'],
  ['--max-model-len <n>', 'longest context in tokens'],
  ['--max-num-seqs <n>', 'sequences decoded together'],
  ['--gpu-memory-utilization <share>', 'of the memory that the engine may use', '0.9'],
]

type Fields = Record<string, unknown>
type Say = Terminal['say']

/** The load as flags state it: lengths may be distributions, `preset` stands for what is not said. */
export async function statedLoad(options: Values, say: Say): Promise<Fields> {
  const trace = text(options, 'trace')
  const flags = dropUnstated({
    preset: text(options, 'preset'),
    input_tokens: lengths(options, 'input'),
    output_tokens: lengths(options, 'output'),
    concurrency: number(options, 'concurrency', '--concurrency'),
    request_rate_per_s: number(options, 'requestRate', '--request-rate'),
    prefix_cache_share: number(options, 'prefixShare', '--prefix-share'),
    arrival_cv: number(options, 'arrivalCv', '--arrival-cv'),
    structured_output: options.structuredOutput === true ? true : undefined,
  })
  return trace ? overlayLoad({ ...(await readTraceFile(trace, say)) }, flags) : flags
}

/** One load laid over another. Either concurrency or rate says how much: stating one replaces the other. */
export function overlayLoad(base: Fields, over: Fields): Fields {
  const { concurrency, request_rate_per_s, ...rest } = base
  const stated = 'concurrency' in over || 'request_rate_per_s' in over
  return { ...rest, ...(stated ? {} : dropUnstated({ concurrency, request_rate_per_s })), ...over }
}

function lengths(options: Values, of: 'input' | 'output'): number | { mean: number; p95: number } | undefined {
  const mean = number(options, `${of}Tokens`, `--${of}-tokens`)
  const p95 = number(options, `${of}TokensP95`, `--${of}-tokens-p95`)
  if (p95 === undefined) return mean
  if (mean === undefined) throw invalidInput(`--${of}-tokens-p95 needs the mean beside it: --${of}-tokens.`)
  return { mean, p95 }
}

/** The load, with the product's usual lengths where nothing is said of them. */
export async function readWorkload(options: Values, say: Say): Promise<Workload> {
  const stated = await statedLoad(options, say)
  const { resolveWorkload } = await import('@bud/budsim')
  const resolved = resolveWorkload(stated)
  if ('workload' in resolved) return resolved.workload
  throw invalidInput(resolved.problems.map(({ message }) => message).join(' '), resolved.problems)
}

/** Only when something of it was said. */
export async function statedWorkload(options: Values, say: Say): Promise<Workload | undefined> {
  return Object.keys(await statedLoad(options, say)).length > 0 ? readWorkload(options, say) : undefined
}

/** The search options that were given. */
export function readSearch(options: Values) {
  const runtimes = text(options, 'runtimes')
    ?.split(',')
    .map((name) => name.trim())
  return {
    objective: choice(Objective, text(options, 'objective'), '--objective'),
    runtimes: runtimes?.flatMap((name) => choice(EngineName, name, '--runtimes') ?? []),
    confidence: number(options, 'confidence', '--confidence'),
    allow_quantization: options.allowQuantization === true ? true : undefined,
    memory_headroom: number(options, 'memoryHeadroom', '--memory-headroom'),
    search: choice(SearchMethod, text(options, 'search'), '--search'),
  }
}

function choice<T extends string>(
  words: z.ZodType<T> & { options: T[] },
  given: string | undefined,
  flag: string,
): T | undefined {
  const parsed = words.optional().safeParse(given)
  if (!parsed.success) throw invalidInput(`${flag} must be one of ${words.options.join(', ')}, not "${given}".`)
  return parsed.data
}

export function readTargets(options: Values): Targets {
  return {
    ttft_ms: number(options, 'ttftMs', '--ttft-ms'),
    e2e_ms: number(options, 'e2eMs', '--e2e-ms'),
    tokens_per_s: number(options, 'tokensPerS', '--tokens-per-s'),
    tokens_per_s_per_user: number(options, 'tokensPerSPerUser', '--tokens-per-s-per-user'),
    budget_usd_per_hour: number(options, 'budgetPerHour', '--budget-per-hour'),
    budget_usd_per_month: number(options, 'budgetPerMonth', '--budget-per-month'),
  }
}

export const dropUnstated = (fields: Fields): Fields =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined))

export function required(options: Values, name: string, flag: string, next: string): string {
  const value = text(options, name)
  if (value === undefined) throw invalidInput(`${flag} is missing. ${next}`)
  return value
}
