import type { Cluster } from '@bud/contract'
import { invalidInput, Stage } from '@bud/kernel'
import type { Command } from 'commander'
import { fields, heading, table } from '../output.ts'
import { type Answer, group, text } from '../verb.ts'

export function addClusterCommands(program: Command): void {
  group(program, 'cluster', 'Clusters and their GPUs', [
    {
      use: 'list',
      summary: 'All clusters',
      run: async (cli) => {
        const clusters = await cli.client.clusters.list()
        const rows = clusters.map((cluster) => [
          cluster.name,
          cluster.kind,
          cluster.stage,
          cluster.state,
          cluster.gpus.map((gpu) => `${gpu.free}/${gpu.total} ${gpu.gpu_type}`).join(', '),
        ])
        return { data: clusters, text: table(['NAME', 'KIND', 'STAGE', 'STATE', 'FREE GPUS'], rows) }
      },
    },
    {
      use: 'get <cluster>',
      summary: 'Nodes and who uses them',
      run: async (cli, [id = '']) => showCluster(await cli.client.clusters.get({ id })),
    },
    {
      use: 'add <name>',
      summary: 'Add a simulated cluster',
      options: [
        ['--nodes <list>', 'e.g. 2x8xH100-SXM-80GB,1x4xL40S-48GB'],
        ['--stage <stage>', 'staging or production', 'staging'],
      ],
      run: async (cli, [name = ''], options) => {
        const created = await cli.client.clusters.create({
          name,
          kind: 'simulated',
          stage: parseStage(text(options, 'stage')),
          nodes: parseNodes(text(options, 'nodes')),
        })
        return showCluster(created)
      },
    },
    {
      use: 'stage <cluster> <stage>',
      summary: 'Label it staging or production',
      run: async (cli, [id = '', stage]) =>
        showCluster(await cli.client.clusters.update({ id, stage: parseStage(stage) })),
    },
    {
      use: 'delete <cluster>',
      summary: 'Remove it; refused while endpoints run there',
      run: async (cli, [id = '']) => {
        await cli.client.clusters.delete({ id })
        return { data: { deleted: id }, text: `Removed ${id}.` }
      },
    },
  ])
}

function parseStage(value: string | undefined): Stage {
  const stage = Stage.safeParse(value)
  if (!stage.success) throw invalidInput(`The stage is staging or production, not "${value}".`)
  return stage.data
}

function parseNodes(value: string | undefined) {
  if (!value) throw invalidInput('--nodes is missing, e.g. --nodes 2x8xH100-SXM-80GB (nodes x GPUs each x type).')
  return value.split(',').map((part) => {
    const match = /^(\d+)x(\d+)x(.+)$/.exec(part.trim())
    if (!match) throw invalidInput(`"${part}" is not <nodes>x<GPUs each>x<type>, e.g. 2x8xH100-SXM-80GB.`)
    return { count: Number(match[1]), gpu_count: Number(match[2]), gpu_type: match[3] ?? '' }
  })
}

function showCluster(cluster: Cluster): Answer {
  const rows = cluster.nodes.map((node) => [
    node.name,
    node.gpu_type,
    `${node.gpus_free}/${node.gpu_count}`,
    node.used_by.map((user) => `${user.endpoint_name} (${user.gpus})`).join(', '),
  ])
  const lines = [
    heading(cluster.name),
    fields([
      ['kind', cluster.kind],
      ['stage', cluster.stage],
      ['state', cluster.state_reason ? `${cluster.state}: ${cluster.state_reason}` : cluster.state],
      ['id', cluster.id],
    ]),
    '',
    table(['NODE', 'GPU', 'FREE', 'USED BY'], rows),
  ]
  return { data: cluster, text: lines.join('\n') }
}
