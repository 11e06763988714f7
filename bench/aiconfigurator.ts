/** AIConfigurator of PyPI in a virtual environment of its own, asked the same questions as ours. */
import { execFile } from 'node:child_process'
import { existsSync, rmSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { type Predictor, searchConfigurations } from '@bud/budsim'
import { type GpuSpec, type ModelFacts, Workload } from '@bud/kernel'
import type { BenchResult } from './report.ts'

const VERSION = '0.12.0'
const folder = join(process.env.BUD_PARTS_DIR ?? join(homedir(), '.cache/bud-parts'), `aiconfigurator-${VERSION}`)
/** Written last, so that an installation cut short is begun again. */
const marker = join(folder, 'installed')
const run = promisify(execFile)

/** One GPU type, one model; its three engines, without disaggregated prefill, which is not ours to choose. */
interface Question {
  /** Its name in our catalogue, and in that of AIConfigurator. */
  model: string
  peerModel: string
  gpu: string
  system: string
  gpus: number
  inputTokens: number
  outputTokens: number
  ttftMs: number
  tpotMs: number
}

const QUESTIONS: readonly Question[] = [
  {
    ...{ model: 'Qwen/Qwen3-32B', peerModel: 'Qwen/Qwen3-32B', gpu: 'H200-SXM-141GB', system: 'h200_sxm', gpus: 16 },
    ...{ inputTokens: 1024, outputTokens: 256, ttftMs: 1000, tpotMs: 30 },
  },
  {
    ...{ model: 'meta-llama/Llama-3.1-70B', peerModel: 'meta-llama/Meta-Llama-3.1-70B' },
    ...{ gpu: 'H100-SXM-80GB', system: 'h100_sxm', gpus: 8 },
    ...{ inputTokens: 4000, outputTokens: 500, ttftMs: 2000, tpotMs: 50 },
  },
  {
    ...{ model: 'Qwen/Qwen3-235B-A22B', peerModel: 'Qwen/Qwen3-235B-A22B' },
    ...{ gpu: 'B200-SXM-180GB', system: 'b200_sxm', gpus: 64 },
    ...{ inputTokens: 2048, outputTokens: 512, ttftMs: 2000, tpotMs: 40 },
  },
]
const GPUS_PER_NODE = 8
/** Requests in flight: it finds the load itself, ours is told one. */
const CONCURRENCY = 256

export interface PeerSetting {
  smoke: boolean
  require: boolean
  gpus: readonly GpuSpec[]
  models: readonly { name: string; facts: ModelFacts }[]
  predictor: () => Predictor
}

/** The same questions to both, one after the other; nothing where it is not installed. */
export async function compareWithPeer({ smoke, require, ...ours }: PeerSetting): Promise<BenchResult[]> {
  if (!isInstalled()) {
    if (!require) {
      console.error('AIConfigurator is not installed: "npm run bench -- search --require" installs it (850 MB).')
      return []
    }
    await install()
  }
  const results: BenchResult[] = []
  for (const question of smoke ? QUESTIONS.slice(0, 1) : QUESTIONS) {
    const peer = await searchMs(question)
    const own = ownMs(question, ours)
    results.push({
      what: `search of ${question.gpus} ${question.gpu} for ${question.model}, beside AIConfigurator ${VERSION} (${Math.round(peer / own)} times)`,
      unit: 'ms',
      ours: own,
      peers: { AIConfigurator: peer },
    })
  }
  return results
}

function ownMs(question: Question, { gpus, models, predictor }: Omit<PeerSetting, 'smoke' | 'require'>): number {
  const facts = models.find(({ name }) => name === question.model)?.facts
  if (!facts) throw new Error(`${question.model} is not in the catalogue`)
  const nodes = Array.from({ length: question.gpus / GPUS_PER_NODE }, (_, index) => ({
    name: `node-${index}`,
    gpu_type: question.gpu,
    free: GPUS_PER_NODE,
  }))
  const { inputTokens: input_tokens, outputTokens: output_tokens } = question
  return searchConfigurations({
    facts,
    nodes,
    gpus,
    predictor: predictor(),
    workload: Workload.parse({ input_tokens, output_tokens, concurrency: CONCURRENCY }),
    targets: { ttft_ms: question.ttftMs, tokens_per_s_per_user: 1000 / question.tpotMs },
    objective: 'throughput',
    search: 'exhaustive',
  }).elapsed_ms
}

const isInstalled = (): boolean => existsSync(marker)

/** 850 MB and about a minute, once. */
async function install(): Promise<void> {
  rmSync(folder, { recursive: true, force: true })
  await run('python3', ['-m', 'venv', folder])
  const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check']
  await run(join(folder, 'bin/python'), [...pip, `aiconfigurator==${VERSION}`, `aiconfigurator-core==${VERSION}`])
  writeFileSync(marker, new Date().toISOString())
}

/** Milliseconds of its search as it says itself: without the start of the interpreter and the imports. */
async function searchMs(question: Question): Promise<number> {
  const { peerModel, system, gpus, inputTokens, outputTokens, ttftMs, tpotMs } = question
  const { stdout, stderr } = await run(
    join(folder, 'bin/aiconfigurator'),
    [
      ...[
        'cli',
        'default',
        '--model',
        peerModel,
        '--system',
        system,
        '--total-gpus',
        String(gpus),
        '--backend',
        'auto',
      ],
      ...['--serving-mode', 'agg', '--isl', String(inputTokens), '--osl', String(outputTokens)],
      ...['--ttft', String(ttftMs), '--tpot', String(tpotMs), '--no-color'],
    ],
    { maxBuffer: 64 * 2 ** 20 },
  )
  const seconds = /completed in ([\d.]+) seconds/.exec(stdout + stderr)?.[1]
  if (seconds === undefined) throw new Error(`AIConfigurator said nothing about its time: ${stderr.slice(-500)}`)
  return Number(seconds) * 1000
}
