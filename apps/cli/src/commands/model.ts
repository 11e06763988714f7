import { resolve } from 'node:path'
import type { ModelDetail } from '@bud/contract'
import type { Command } from 'commander'
import { bud } from '../config.ts'
import { followOperation } from '../follow-operation.ts'
import { number } from '../numbers.ts'
import { ago, bytes, fields, heading, parameters, reasons, table } from '../output.ts'
import { pushFolder } from '../push-folder.ts'
import { type Answer, type Cli, group, text, type Values } from '../verb.ts'

const LIST_LIMIT = 50

export function addModelCommands(program: Command): void {
  group(program, 'model', 'Models: find, register, push, scan', [
    {
      use: 'list',
      summary: 'Registered models and catalogue entries',
      options: [
        ['--search <text>', 'part of the name'],
        ['--architecture <name>', 'e.g. llama'],
        ['--origin <origin>', 'registered or catalogue'],
        ['--limit <n>', 'how many at most', String(LIST_LIMIT)],
      ],
      run: listModels,
    },
    {
      use: 'get <model>',
      summary: 'Facts, files and scan report of one model',
      run: async (cli, [id = '']) => showModel(await cli.client.models.get({ id })),
    },
    {
      use: 'sample [folder]',
      summary: 'Write a tiny valid Llama-architecture folder for trying things',
      examples: ['model sample ./tiny-llama', 'model push ./tiny-llama --name tiny-llama'],
      run: async (_cli, [folder = 'tiny-llama']) => {
        const { writeSampleModel } = await import('@bud/budmodel/sample-model')
        const written = await writeSampleModel(resolve(folder))
        return {
          data: written,
          text: `Wrote ${written.files.length} files (${bytes(written.bytes)}) to ${written.folder}.\nNext: ${bud(`model push ${folder} --name tiny-llama`)}`,
        }
      },
    },
    {
      use: 'push <folder>',
      summary: 'Upload a folder (config.json + safetensors), register and scan it',
      options: [
        ['--name <name>', 'name in the registry; default: the folder’s'],
        ['--no-wait', 'do not wait for the scan'],
      ],
      run: pushModel,
    },
    {
      use: 'register <name> <source>',
      summary: 'Register what lies at s3://bucket/prefix',
      options: [
        ['--architecture <name>', 'as claimed; checked against the files'],
        ['--parameter-count <n>', 'as claimed'],
        ['--context-length <n>', 'as claimed'],
        ['--no-wait', 'do not wait for the scan'],
      ],
      examples: [
        'model register my-custom-model s3://models/my-custom-model --architecture llama --parameter-count 7000000000',
      ],
      run: registerModel,
    },
    {
      use: 'scan <model>',
      summary: 'Scan again',
      run: async (cli, [id = '']) => finishImport(cli, await cli.client.models.rescan({ id }), true),
    },
    {
      use: 'delete <model>',
      summary: 'Delete a model; refused while an endpoint uses it',
      run: async (cli, [id = '']) => {
        await cli.client.models.delete({ id })
        return { data: { deleted: id }, text: `Deleted ${id}.` }
      },
    },
  ])
}

async function listModels(cli: Cli, _args: string[], options: Values): Promise<Answer> {
  const origin = text(options, 'origin')
  const page = await cli.client.models.list({
    search: text(options, 'search'),
    architecture: text(options, 'architecture'),
    origin: origin === 'registered' || origin === 'catalogue' ? origin : undefined,
    limit: number(options, 'limit', '--limit') ?? LIST_LIMIT,
  })
  const wanted = text(options, 'search')
  if (page.items.length === 0 && wanted !== undefined) return { data: page, text: `No model matches "${wanted}".` }
  const rows = page.items.map((model) => [
    model.name,
    model.architecture,
    parameters(model.parameter_count),
    model.context_length,
    model.origin === 'catalogue' ? 'catalogue' : model.state.name,
  ])
  const more = page.next_cursor ? `\n… more; narrow with --search or raise --limit.` : ''
  return { data: page, text: table(['NAME', 'ARCHITECTURE', 'PARAMETERS', 'CONTEXT', 'STATE'], rows) + more }
}

async function pushModel(cli: Cli, [folder = '']: string[], options: Values): Promise<Answer> {
  const pushed = await pushFolder(cli, resolve(folder))
  const name = text(options, 'name') ?? pushed.folderName
  return finishImport(
    cli,
    await cli.client.models.register({ name, source_path: pushed.sourcePath }),
    options.wait !== false,
  )
}

async function registerModel(cli: Cli, [name = '', source = '']: string[], options: Values): Promise<Answer> {
  const accepted = await cli.client.models.register({
    name,
    source_path: source,
    architecture: text(options, 'architecture'),
    parameter_count: number(options, 'parameterCount', '--parameter-count'),
    context_length: number(options, 'contextLength', '--context-length'),
  })
  return finishImport(cli, accepted, options.wait !== false)
}

async function finishImport(cli: Cli, accepted: { id: string; operation_id: string }, wait: boolean): Promise<Answer> {
  if (!wait) return { data: accepted, text: `Accepted: ${accepted.id}, operation ${accepted.operation_id}.` }
  await followOperation(cli, accepted.operation_id)
  return showModel(await cli.client.models.get({ id: accepted.id }))
}

function showModel(model: ModelDetail): Answer {
  const facts = model.facts
  const lines = [
    heading(model.name),
    fields([
      ['state', `${model.state.name} since ${ago(model.state.since)}`],
      [
        'origin',
        model.origin === 'catalogue'
          ? 'catalogue entry: an architecture without files'
          : `registered from ${model.source_path}`,
      ],
      ['architecture', model.architecture],
      [
        'parameters',
        facts ? `${parameters(facts.parameter_count)} (${parameters(facts.active_parameter_count)} active)` : '–',
      ],
      ['context', model.context_length],
      [
        'weights',
        facts?.weight_bytes
          ? `${bytes(facts.weight_bytes)} in ${facts.weight_precision}`
          : (facts?.weight_precision ?? null),
      ],
      ['files', model.files.length],
      ['scan', model.scan ? `${model.scan.verdict}, ${model.scan.findings.length} findings` : null],
      ['used by', model.used_by.map((user) => user.endpoint_name).join(', ') || 'nobody'],
      ['id', model.id],
    ]),
  ]
  if (model.state.reasons.length > 0) lines.push(reasons(model.state.reasons))
  if (model.conflicts.length > 0)
    lines.push('The request claimed otherwise than the files say (the files count):', reasons(model.conflicts))
  const findings = model.scan?.findings.filter((finding) => finding.severity !== 'info') ?? []
  if (findings.length > 0)
    lines.push(
      reasons(
        findings.map((finding) => ({
          message: `${finding.severity}: ${finding.message}`,
          path: finding.path,
          evidence: finding.evidence ?? undefined,
        })),
      ),
    )
  const blocked = ['quarantined', 'scan-incomplete', 'failed'].includes(model.state.name)
  return { data: model, text: lines.join('\n'), ...(blocked ? { exitCode: 1 } : {}) }
}
