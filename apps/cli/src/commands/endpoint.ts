import type { EndpointDetail, EndpointMetrics } from '@bud/contract'
import { invalidInput } from '@bud/kernel'
import type { Command } from 'commander'
import { bud } from '../config.ts'
import { readDeploymentFile } from '../deployment-file.ts'
import { followOperation } from '../follow-operation.ts'
import { parseCount, wholeOption } from '../numbers.ts'
import { ago, fields, heading, reasons, table, trim } from '../output.ts'
import { readTargets, targetOptions } from '../sim/options.ts'
import { type Answer, type Cli, group, text, type Values } from '../verb.ts'

const LOG_LINES = 50
const METRICS_MINUTES = 5

export function addEndpointCommands(program: Command): void {
  group(program, 'endpoint', 'Endpoints: watch, scale, update, delete', [
    { use: 'list', summary: 'All endpoints', run: listEndpoints },
    {
      use: 'get <endpoint>',
      summary: 'State, replicas and revisions of one',
      run: async (cli, [id = '']) => showEndpoint(await cli.client.endpoints.get({ id })),
    },
    {
      use: 'scale <endpoint> <replicas>',
      summary: 'Change the number of replicas',
      options: [['--no-wait', 'do not wait']],
      run: async (cli, [id = '', replicas = ''], options) =>
        finish(
          cli,
          await cli.client.endpoints.scale({ id, replicas: parseCount(replicas, 'The number of replicas') }),
          options,
        ),
    },
    {
      use: 'update <endpoint>',
      summary: 'Apply a configuration as a rolling update',
      options: [
        ['-f, --file <file>', 'deployment document'],
        ['--approval <id>', 'an approved optimisation'],
        ['--no-wait', 'do not wait'],
      ],
      run: async (cli, [id = ''], options) => {
        const file = text(options, 'file')
        return finish(
          cli,
          await cli.client.endpoints.update({
            id,
            deployment: file ? await readDeploymentFile(file) : undefined,
            approval_id: text(options, 'approval'),
          }),
          options,
        )
      },
    },
    {
      use: 'targets <endpoint>',
      summary: 'Update the performance targets; alert rules follow',
      options: [...targetOptions, ['--clear', 'drop the present ones first']],
      examples: ['endpoint targets chat --ttft-ms 300'],
      run: async (cli, [id = ''], options) => {
        const stated = Object.entries(readTargets(options)).filter(([, value]) => value !== undefined)
        if (stated.length === 0 && options.clear !== true) {
          throw invalidInput('Say which target: --ttft-ms, --e2e-ms, --tokens-per-s …; or --clear to drop them all.')
        }
        const present = options.clear === true ? {} : (await cli.client.endpoints.get({ id })).targets
        const targets = { ...present, ...Object.fromEntries(stated) }
        const rules = await cli.client.endpoints.setTargets({ id, targets })
        return {
          data: rules,
          text: table(
            ['METRIC', 'OP', 'THRESHOLD', 'FROM'],
            rules.map((rule) => [rule.metric, rule.op, rule.threshold, rule.source]),
          ),
        }
      },
    },
    {
      use: 'metrics <endpoint>',
      summary: 'The five metrics now, against targets and prediction',
      run: async (cli, [id = '']) => showMetrics(await cli.client.endpoints.metrics({ id, minutes: METRICS_MINUTES })),
    },
    {
      use: 'logs <endpoint>',
      summary: 'Last lines of the engines’ logs',
      options: [['--lines <n>', 'how many', String(LOG_LINES)]],
      run: async (cli, [id = ''], options) => {
        const lines = await cli.client.endpoints.logs({
          id,
          lines: wholeOption(options, 'lines', '--lines') ?? LOG_LINES,
        })
        return { data: lines, text: lines.map((entry) => `${entry.replica_id} ${entry.line}`).join('\n') }
      },
    },
    {
      use: 'delete <endpoint>',
      summary: 'Delete: traffic first, then replicas',
      options: [['--no-wait', 'do not wait']],
      run: async (cli, [id = ''], options) => {
        const accepted = await cli.client.endpoints.delete({ id })
        if (options.wait !== false) await followOperation(cli, accepted.operation_id)
        return { data: accepted, text: options.wait === false ? `Deleting ${id}.` : `Deleted ${id}.` }
      },
    },
  ])
}

async function listEndpoints(cli: Cli): Promise<Answer> {
  const endpoints = await cli.client.endpoints.list()
  const rows = endpoints.map((e) => [
    e.name,
    e.state.name,
    `${e.ready_replicas}/${e.deployment.replicas}`,
    e.model.name,
    e.cluster.name,
    e.deployment.runtime,
    ago(e.state.since),
  ])
  return { data: endpoints, text: table(['NAME', 'STATE', 'READY', 'MODEL', 'CLUSTER', 'RUNTIME', 'SINCE'], rows) }
}

async function finish(cli: Cli, accepted: { id: string; operation_id: string }, options: Values): Promise<Answer> {
  if (options.wait === false) return { data: accepted, text: `Accepted: operation ${accepted.operation_id}.` }
  await followOperation(cli, accepted.operation_id)
  return showEndpoint(await cli.client.endpoints.get({ id: accepted.id }))
}

export function showEndpoint(endpoint: EndpointDetail): Answer {
  const { deployment } = endpoint
  const lines = [
    heading(`${endpoint.name}: ${endpoint.state.name}`),
    fields([
      ['model', endpoint.model.name],
      ['cluster', `${endpoint.cluster.name} (${endpoint.cluster.stage})`],
      [
        'runs',
        `${deployment.runtime}, ${endpoint.ready_replicas} of ${deployment.replicas} replica(s) ready, ${deployment.resources.gpu_count} × ${deployment.resources.gpu_type} each`,
      ],
      [
        'parallel',
        `TP ${deployment.config.tensor_parallel_size}, PP ${deployment.config.pipeline_parallel_size}, max_num_seqs ${deployment.config.max_num_seqs}`,
      ],
      ['revision', endpoint.revision],
      ['OpenAI API', `${endpoint.gateway_url} with model "${endpoint.name}"`],
      ['id', endpoint.id],
    ]),
    '',
    table(
      ['REPLICA', 'PHASE', 'NODE', 'GPUS', 'SINCE', 'MESSAGE'],
      endpoint.replicas.map((r) => [r.id, r.phase, r.node, r.gpus.join(','), ago(r.since), r.message ?? '']),
    ),
  ]
  if (endpoint.state.reasons.length > 0) lines.push(reasons(endpoint.state.reasons))
  if (endpoint.state.name === 'ready') lines.push('', `Next: ${bud(`chat ${endpoint.name} "Hello"`)}`)
  return { data: endpoint, text: lines.join('\n') }
}

const span = (seconds: number): string => (seconds === 60 ? 'minute' : `${seconds} s`)

function showMetrics(metrics: EndpointMetrics): Answer {
  const rows = metrics.series.map((series) => {
    const rule = metrics.rules.find((candidate) => candidate.metric === series.metric)
    const predicted = metrics.predicted.find((candidate) => candidate.metric === series.metric)
    return [
      series.metric,
      series.latest === null ? 'not measured yet' : `${trim(series.latest)} ${series.unit}`,
      rule?.threshold === null || !rule ? '–' : `${rule.op} ${trim(rule.threshold)} ${series.unit}`,
      predicted ? `${trim(predicted.value)} ${series.unit}` : '–',
      series.source,
    ]
  })
  const { usage } = metrics
  const used = `${usage.requests} requests (${usage.failed_requests} failed), ${usage.prompt_tokens} prompt and ${usage.completion_tokens} completion tokens in the last ${METRICS_MINUTES} minutes.`
  const lines = [table(['METRIC', 'NOW', 'ALERT', 'PREDICTED', 'SOURCE'], rows), '']
  if (metrics.series.some((series) => series.latest === null))
    lines.push(`Not measured yet: needs finished requests in the last ${span(metrics.window_s)}.`)
  return { data: metrics, text: [...lines, used].join('\n') }
}
