import { invalidInput } from '@bud/kernel'
import type { Command } from 'commander'
import { readDeploymentFile } from '../deployment-file.ts'
import { followOperation } from '../follow-operation.ts'
import { heading, reasons } from '../output.ts'
import { readTargets, statedWorkload, targetOptions, workloadOptions } from '../sim/options.ts'
import { type Answer, type Cli, text, type Values, verb } from '../verb.ts'
import { showEndpoint } from './endpoint.ts'

export function addDeployCommand(program: Command): void {
  verb(program, {
    use: 'deploy',
    summary: 'Deploy an endpoint: validate, transfer, start, verify, route',
    options: [
      ['-f, --file <file>', 'deployment document (YAML or JSON; - for standard input)'],
      ['--approval <id>', 'an approved optimisation, instead of a file'],
      ['--model <model>', 'id or name'],
      ['--cluster <cluster>', 'id or name'],
      ['--name <name>', 'endpoint name; also the public model name'],
      ...workloadOptions,
      ...targetOptions,
      ['--dry-run', 'only check, change nothing'],
      ['--no-wait', 'do not wait until it is ready'],
    ],
    examples: [
      'deploy -f deployment.yaml --model meta-llama/Llama-2-13b-hf --cluster demo --name chat',
      'deploy --approval appr-… --name chat',
    ],
    run: deploy,
  })
}

async function deploy(cli: Cli, _args: string[], options: Values): Promise<Answer> {
  const file = text(options, 'file')
  const approval_id = text(options, 'approval')
  if (!file && !approval_id)
    throw invalidInput('Say what to deploy: -f <file> with --model and --cluster, or --approval <id>.')
  if (file && approval_id) throw invalidInput('Give -f or --approval, not both.')
  const request = {
    name: text(options, 'name'),
    approval_id,
    model: text(options, 'model'),
    cluster: text(options, 'cluster'),
    ...(file
      ? {
          deployment: await readDeploymentFile(file),
          workload: await statedWorkload(options, cli.say),
          targets: readTargets(options),
        }
      : {}),
  }
  if (options.dryRun === true) return checkOnly(cli, request)
  const accepted = await cli.client.endpoints.create(request)
  if (options.wait === false)
    return { data: accepted, text: `Accepted: ${accepted.id}, operation ${accepted.operation_id}.` }
  await followOperation(cli, accepted.operation_id)
  return showEndpoint(await cli.client.endpoints.get({ id: accepted.id }))
}

async function checkOnly(cli: Cli, request: Parameters<Cli['client']['endpoints']['validate']>[0]): Promise<Answer> {
  const validation = await cli.client.endpoints.validate(request)
  const lines = [heading(validation.ok ? 'It can be deployed.' : 'It cannot be deployed:')]
  if (validation.reasons.length > 0) lines.push(reasons(validation.reasons))
  if (validation.warnings.length > 0) lines.push('Worth knowing:', reasons(validation.warnings))
  return { data: validation, text: lines.join('\n'), ...(validation.ok ? {} : { exitCode: 2 }) }
}
