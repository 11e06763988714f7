import type { ModelPolicy } from '@bud/contract'
import { invalidInput } from '@bud/kernel'
import type { Command } from 'commander'
import { heading, table } from '../output.ts'
import { readTextFile } from '../read-text-file.ts'
import { type Answer, type Cli, group, text, type Values } from '../verb.ts'

export function addModelPolicyCommands(program: Command): void {
  group(program, 'policy', 'Rules for models: scans, licences, waivers', [
    {
      use: 'show',
      summary: 'The rules as they are, and the waivers',
      run: async (cli) => showPolicy(await cli.client.modelPolicy.get()),
    },
    {
      use: 'set <file>',
      summary: 'Replace the rules by a file ("-": standard input); reports are judged anew',
      examples: ['policy show > model-policy.yaml', 'policy set model-policy.yaml'],
      run: async (cli, [file = '']) => {
        const policy = await cli.client.modelPolicy.replace({ text: await readTextFile(file, 'the policy') })
        return { data: policy, text: `${policy.described} holds now (${policy.digest}).` }
      },
    },
    {
      use: 'waive <name>',
      summary: 'Let one finding through, named and until a date',
      options: [
        ['--rule <rule>', 'as "bud model report" names it'],
        ['--model <model>', 'a model’s name, or "*" for all'],
        ['--path <path>', 'one file of it'],
        ['--sha256 <digest>', 'that file as it is now'],
        ['--reason <text>', 'why'],
        ['--expires <date>', 'the last day it counts, YYYY-MM-DD; a year ahead at most'],
      ],
      examples: [
        'policy waive old-tokenizer --rule pickle-global --model team/ranker --path tokenizer.pkl --reason "Reviewed: our own class." --expires 2026-12-31',
      ],
      run: waive,
    },
    {
      use: 'unwaive <name>',
      summary: 'Take a waiver back',
      run: async (cli, [name = '']) => showWaivers(await cli.client.modelPolicy.removeWaiver({ name })),
    },
  ])
}

async function waive(cli: Cli, [name = '']: string[], options: Values): Promise<Answer> {
  const missing = ['rule', 'model', 'reason', 'expires'].filter((option) => text(options, option) === undefined)
  if (missing.length > 0) throw invalidInput(`Missing: ${missing.map((option) => `--${option}`).join(', ')}.`)
  const policy = await cli.client.modelPolicy.waive({
    name,
    rule: text(options, 'rule') ?? '',
    model: text(options, 'model') ?? '',
    path: text(options, 'path'),
    sha256: text(options, 'sha256'),
    reason: text(options, 'reason') ?? '',
    expires: text(options, 'expires') ?? '',
  })
  return showWaivers(policy)
}

/** The text alone on standard output, so that it can be kept as a file and set again. */
const showPolicy = (policy: ModelPolicy): Answer => ({ data: policy, text: policy.text.trimEnd() })

function showWaivers(policy: ModelPolicy): Answer {
  if (policy.waivers.length === 0) return { data: policy, text: `There are no waivers in ${policy.described}.` }
  const rows = policy.waivers.map((one) => [
    one.name,
    one.rule,
    one.model,
    one.path ?? 'any',
    one.sha256?.slice(0, 12) ?? 'any',
    one.expired ? `${one.expires} (over)` : one.expires,
    one.reason,
  ])
  const lines = [heading(`Waivers in ${policy.described}`)]
  lines.push(table(['NAME', 'RULE', 'MODEL', 'PATH', 'SHA256', 'UNTIL', 'REASON'], rows))
  return { data: policy, text: lines.join('\n') }
}
