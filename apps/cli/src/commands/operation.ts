import type { Operation } from '@bud/contract'
import type { Command } from 'commander'
import { describeStep, followOperation } from '../follow-operation.ts'
import { ago, fields, heading, reasons, table } from '../output.ts'
import { type Answer, type Cli, group } from '../verb.ts'

export function addOperationCommands(program: Command): void {
  group(program, 'operation', 'Operations: long work and its steps', [
    { use: 'list', summary: 'Newest first', run: listOperations },
    {
      use: 'get <operation>',
      summary: 'One with its steps, as it stands now',
      run: async (cli, [id = '']) => showOperation(await cli.client.operations.get({ id })),
    },
    {
      use: 'watch <operation>',
      summary: 'Follow one until it has ended',
      run: async (cli, [id = '']) => {
        const ended = await followOperation(cli, id)
        return { data: ended, text: `${ended.kind} ${ended.state} (${ended.id}).` }
      },
    },
  ])
}

async function listOperations(cli: Cli): Promise<Answer> {
  const operations = await cli.client.operations.list({ limit: 50 })
  const rows = operations.map((o) => [o.id, o.kind, o.subject_id, o.state, ago(o.created_at)])
  return { data: operations, text: table(['ID', 'KIND', 'OF', 'STATE', 'BEGUN'], rows) }
}

function showOperation(operation: Operation): Answer {
  const lines = [
    heading(`${operation.kind}: ${operation.state}`),
    fields([
      ['of', operation.subject_id],
      ['begun', ago(operation.created_at)],
      ['ended', operation.ended_at && ago(operation.ended_at)],
      ['id', operation.id],
    ]),
    '',
    ...operation.steps.map((step) => `  ${describeStep(step)}`),
  ]
  if (operation.reasons.length > 0) lines.push(reasons(operation.reasons))
  return { data: operation, text: lines.join('\n') }
}
