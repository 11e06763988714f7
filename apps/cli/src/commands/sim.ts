import type { Optimization } from '@bud/contract'
import { type Candidate, invalidInput, Objective, type Targets, type Workload } from '@bud/kernel'
import type { Command } from 'commander'
import { bud } from '../config.ts'
import { readDeploymentFile } from '../deployment-file.ts'
import { number, wholeOption } from '../numbers.ts'
import { bytes, fields, heading, ms, rate, reasons, table, trim, usd } from '../output.ts'
import { type Answer, type Cli, group, text, type Values, type VerbSpec } from '../verb.ts'

export const workloadOptions: NonNullable<VerbSpec['options']> = [
  ['--input-tokens <n>', 'mean prompt length (default 1024)'],
  ['--output-tokens <n>', 'mean answer length (default 256)'],
  ['--concurrency <n>', 'requests in flight'],
  ['--request-rate <n>', 'arrivals per second'],
]
export const targetOptions: NonNullable<VerbSpec['options']> = [
  ['--ttft-ms <ms>', 'time to first token, at most'],
  ['--e2e-ms <ms>', 'end-to-end latency, at most'],
  ['--tokens-per-s <n>', 'output tokens per second of the deployment, at least'],
  ['--tokens-per-s-per-user <n>', 'output tokens per second of one stream, at least'],
  ['--budget-per-hour <usd>', 'cost, at most'],
  ['--budget-per-month <usd>', 'cost, at most'],
]

export function addSimCommands(program: Command): void {
  group(program, 'sim', 'Predict and optimise configurations', [
    {
      use: 'optimize',
      summary: 'Find the best configuration that holds the targets',
      options: [
        ['--model <model>', 'id or name'],
        ['--cluster <cluster>', 'id or name', 'demo'],
        ...workloadOptions,
        ...targetOptions,
        ['--objective <objective>', 'cost, latency or throughput', 'cost'],
        ['--endpoint <endpoint>', 're-optimise this endpoint: its own GPUs count as free'],
        ['--approve', 'approve the recommended configuration at once'],
      ],
      examples: ['sim optimize --model meta-llama/Llama-3.1-70B-Instruct --ttft-ms 500 --concurrency 64'],
      run: optimize,
    },
    {
      use: 'show <optimization>',
      summary: 'One past search',
      run: async (cli, [id = '']) => showOptimization(await cli.client.optimizations.get({ id })),
    },
    {
      use: 'list',
      summary: 'Past searches, newest first',
      run: async (cli) => {
        const list = await cli.client.optimizations.list({ limit: 50 })
        const rows = list.map((o) => [
          o.id,
          o.model.name,
          o.cluster.name,
          o.feasible ? 'feasible' : 'infeasible',
          o.approval?.id,
        ])
        return { data: list, text: table(['ID', 'MODEL', 'CLUSTER', 'RESULT', 'APPROVAL'], rows) }
      },
    },
    {
      use: 'approve <optimization>',
      summary: 'Approve a candidate, as it is or edited',
      options: [
        ['--candidate <n>', 'which one, from 0', '0'],
        ['-f, --file <file>', 'the edited deployment document'],
      ],
      run: approve,
    },
    {
      use: 'predict',
      summary: 'Predict one configuration',
      options: [['--model <model>', 'id or name'], ['-f, --file <file>', 'deployment document'], ...workloadOptions],
      run: predict,
    },
  ])
}

function readWorkload(options: Values): Workload {
  return {
    input_tokens: number(options, 'inputTokens', '--input-tokens') ?? 1024,
    output_tokens: number(options, 'outputTokens', '--output-tokens') ?? 256,
    prefix_cache_share: 0,
    concurrency: number(options, 'concurrency', '--concurrency'),
    request_rate_per_s: number(options, 'requestRate', '--request-rate'),
  }
}

/** Only when something of it was said. */
export const statedWorkload = (options: Values): Workload | undefined =>
  ['inputTokens', 'outputTokens', 'concurrency', 'requestRate'].some((name) => text(options, name) !== undefined)
    ? readWorkload(options)
    : undefined

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

function required(options: Values, name: string, flag: string, next: string): string {
  const value = text(options, name)
  if (value === undefined) throw invalidInput(`${flag} is missing. ${next}`)
  return value
}

async function optimize(cli: Cli, _args: string[], options: Values): Promise<Answer> {
  const objective = Objective.safeParse(text(options, 'objective'))
  if (!objective.success) throw invalidInput(`--objective must be one of ${Objective.options.join(', ')}.`)
  const result = await cli.client.optimizations.create({
    model: required(options, 'model', '--model', `"${bud('model list')}" shows them.`),
    cluster: text(options, 'cluster') ?? 'demo',
    workload: readWorkload(options),
    targets: readTargets(options),
    objective: objective.data,
    endpoint: text(options, 'endpoint'),
  })
  if (options.approve !== true || !result.feasible) return showOptimization(result)
  const approval = await cli.client.optimizations.approve({ id: result.id, candidate: 0 })
  const shown = showOptimization({ ...result, approval })
  return {
    ...shown,
    text: `${shown.text}\nApproved as ${approval.id}. Next: ${bud(`deploy --approval ${approval.id} --name <name>`)}`,
  }
}

async function approve(cli: Cli, [id = '']: string[], options: Values): Promise<Answer> {
  const file = text(options, 'file')
  const approval = await cli.client.optimizations.approve({
    id,
    candidate: wholeOption(options, 'candidate', '--candidate') ?? 0,
    deployment: file ? await readDeploymentFile(file) : undefined,
  })
  const edits = approval.edits.map((edit) => `  ${edit.path}: ${edit.from} → ${edit.to}`)
  return {
    data: approval,
    text: [
      `Approved as ${approval.id} by ${approval.approved_by}.`,
      ...edits,
      `Next: ${bud(`deploy --approval ${approval.id} --name <name>`)}`,
    ].join('\n'),
  }
}

async function predict(cli: Cli, _args: string[], options: Values): Promise<Answer> {
  const prediction = await cli.client.optimizations.predict({
    model: required(options, 'model', '--model', `"${bud('model list')}" shows them.`),
    deployment: await readDeploymentFile(
      required(options, 'file', '--file', 'It holds the guide’s deployment document.'),
    ),
    workload: readWorkload(options),
  })
  return { data: prediction, text: describePrediction(prediction) }
}

function showOptimization(result: Optimization): Answer {
  const best = result.candidates[0]
  const lines = [
    heading(
      `${result.model.name} on ${result.cluster.name}: ${result.searched} configurations in ${trim(result.elapsed_ms)} ms (${result.method})`,
    ),
  ]
  if (best) lines.push(describeCandidate(best), '', candidateTable(result.candidates))
  else lines.push(...describeInfeasible(result))
  if (result.rejected.length > 0) lines.push('', `Turned down:\n${reasons(rejectedLines(result.rejected))}`)
  lines.push(
    '',
    `Search ${result.id}. ${best && !result.approval ? `Next: ${bud(`sim approve ${result.id}`)}` : ''}`.trim(),
  )
  return { data: result, text: lines.join('\n'), ...(result.feasible ? {} : { exitCode: 1 }) }
}

function describeInfeasible({ targets, cluster, nearest_misses: misses }: Optimization): string[] {
  const stated = Object.values(targets).some((value) => value !== undefined)
  const verdict = stated ? 'Nothing holds these targets.' : `No configuration can serve this on ${cluster.name}.`
  if (misses.length === 0) return [verdict]
  return [`${verdict} The nearest:`, candidateTable(misses), ...misses.slice(0, 3).map((miss) => `  ${miss.why}`)]
}

/** Groups that read alike are one line. */
function rejectedLines(groups: Optimization['rejected']) {
  const merged = new Map<string, Optimization['rejected'][number]>()
  for (const group of groups) {
    const key = reasons([group.reason])
    merged.set(key, { ...group, count: group.count + (merged.get(key)?.count ?? 0) })
  }
  return [...merged.values()].map(({ count, reason: { path: _path, ...reason } }) => ({
    ...reason,
    message: `${count} configuration${count === 1 ? '' : 's'}: ${reason.message}`,
  }))
}

function describeCandidate({ deployment, prediction, why }: Candidate): string {
  const { config, resources } = deployment
  return [
    why,
    fields([
      [
        'runtime',
        `${deployment.runtime}, ${deployment.replicas} replica(s) of ${resources.gpu_count} × ${resources.gpu_type}`,
      ],
      ['parallel', `TP ${config.tensor_parallel_size}, PP ${config.pipeline_parallel_size}`],
      [
        'batch',
        `${trim(prediction.batch_per_replica)} sequences at this load, at most ${config.max_num_seqs} (max_num_seqs)`,
      ],
    ]),
    describePrediction(prediction),
  ].join('\n')
}

function describePrediction(p: Candidate['prediction']): string {
  const memory = p.memory
  return fields([
    ['TTFT', `${ms(p.ttft_ms.value)} mean, ${ms(p.ttft_ms_p99.value)} p99 (predicted)`],
    ['end to end', `${ms(p.e2e_ms.value)} mean, ${ms(p.e2e_ms_p99.value)} p99 (predicted)`],
    ['TPOT', `${ms(p.tpot_ms.value)} (predicted)`],
    [
      'throughput',
      `${rate(p.output_tokens_per_s.value)}, at most ${rate(p.max_output_tokens_per_s.value)} (predicted)`,
    ],
    [
      'memory',
      `per GPU: ${bytes(memory.weights_bytes)} weights, ${bytes(memory.kv_cache_bytes)} KV cache, ${bytes(memory.headroom_bytes)} free of ${bytes(memory.gpu_memory_bytes)}`,
    ],
    ['cost', `${usd(p.cost_usd_per_hour)} per hour for ${p.gpus} GPU(s)`],
  ])
}

function candidateTable(candidates: Candidate[]): string {
  const rows = candidates
    .slice(0, 8)
    .map(({ deployment: d, prediction: p }, index) => [
      index,
      d.runtime,
      d.resources.gpu_type,
      `${d.config.tensor_parallel_size}×${d.config.pipeline_parallel_size}`,
      d.replicas,
      d.config.max_num_seqs,
      ms(p.ttft_ms.value),
      ms(p.e2e_ms.value),
      trim(p.output_tokens_per_s.value),
      p.cost_usd_per_hour === null ? '–' : usd(p.cost_usd_per_hour),
    ])
  return table(['#', 'RUNTIME', 'GPU', 'TP×PP', 'REPLICAS', 'MAX SEQS', 'TTFT', 'E2E', 'TOK/S', '$/H'], rows)
}
