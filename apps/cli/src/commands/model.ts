import { resolve } from 'node:path'
import type { ModelFile } from '@bud/contract'
import { failed, invalidInput } from '@bud/kernel'
import type { Command } from 'commander'
import { bud } from '../config.ts'
import { checkVerb } from '../models/check-model.ts'
import { describeComparison } from '../models/compare-view.ts'
import { showModel } from '../models/detail-view.ts'
import { finishImport } from '../models/finish-import.ts'
import { listVerb } from '../models/list-models.ts'
import { claimOptions, noWaitOption, readClaims } from '../models/options.ts'
import { pushVerb } from '../models/push-model.ts'
import { describeReport } from '../models/report-view.ts'
import { bytes, table } from '../output.ts'
import { readTextFile } from '../read-text-file.ts'
import { type Answer, type Cli, group, text, type Values, type VerbSpec } from '../verb.ts'
import { deleteModel, versionVerbs } from './model-versions.ts'

const FILES_PAGE = 1000
const MOST_COMPARED = 4

export function addModelCommands(program: Command): void {
  const model = group(program, 'model', 'Models: find, bring, scan, version', [
    ...findVerbs,
    ...bringVerbs,
    ...versionVerbs,
    ...scanVerbs,
    ...careVerbs,
  ])
  group(model, 'benchmarks', 'Quality benchmarks of models', [importBenchmarks]).helpGroup('Care:')
}

const findVerbs = under('Find:', [
  listVerb,
  {
    use: 'get <model>',
    summary: 'Facts, licence, scan and versions of one (name, name@3, name@production)',
    run: async (cli, [id = '']) => showModel(await cli.client.models.get({ id })),
  },
  {
    use: 'files <model>',
    summary: 'Every file of a version, with its digest',
    options: [['--search <text>', 'part of the path']],
    run: async (cli, [id = ''], options) => {
      const files = await allFiles(cli, id, text(options, 'search'))
      const rows = files.map((file) => [file.path, bytes(file.bytes), file.format, file.sha256])
      return { data: files, text: table(['PATH', 'SIZE', 'FORMAT', 'SHA256'], rows) }
    },
  },
  {
    use: 'compare <models...>',
    summary: 'Two to four side by side; what differs is marked',
    examples: ['model compare qwen@1 qwen@2', 'model compare meta-llama/Llama-3.1-8B-Instruct Qwen/Qwen3-8B'],
    run: async (cli, models) => {
      if (models.length < 2 || models.length > MOST_COMPARED)
        throw invalidInput(`Name two to ${MOST_COMPARED} models, not ${models.length}.`)
      const compared = await cli.client.models.compare({ models: models.join(',') })
      return { data: compared, text: describeComparison(compared) }
    },
  },
])

const bringVerbs = under('Bring:', [
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
  pushVerb,
  {
    use: 'register <name> <source>',
    summary: 'Register what lies at hf://org/name, s3://bucket/folder or file:///folder',
    options: [...claimOptions, ...noWaitOption],
    examples: [
      'model register qwen hf://Qwen/Qwen3-0.6B',
      'model register my-custom-model s3://models/my-custom-model --architecture llama --parameter-count 7000000000',
      'model register team/chat file:///models/chat --base-model meta-llama/Llama-3.1-8B-Instruct',
    ],
    run: async (cli, [name = '', source_path = ''], options) =>
      finishImport(cli, await cli.client.models.register({ name, source_path, ...readClaims(options) }), options),
  },
])

const scanVerbs = under('Scan:', [
  checkVerb,
  {
    use: 'scan <model>',
    summary: 'Scan again',
    options: noWaitOption,
    run: async (cli, [id = ''], options) => finishImport(cli, await cli.client.models.rescan({ id }), options),
  },
  {
    use: 'report <model>',
    summary: 'The scan report: findings, evidence, coverage; exit code 1 unless clean',
    run: showReport,
  },
])

const careVerbs = under('Care:', [
  {
    use: 'tag <model>',
    summary: 'Add and remove tags',
    options: [
      ['--add <tags>', 'several with commas'],
      ['--remove <tags>', 'several with commas'],
    ],
    examples: ['model tag qwen --add team:search,approved --remove trial'],
    run: tagModel,
  },
  {
    use: 'describe <model> <text>',
    summary: 'Set the description; "" takes it away',
    run: async (cli, [id = '', words = '']) =>
      showModel(await cli.client.models.update({ id, description: words === '' ? null : words })),
  },
  {
    use: 'delete <model>',
    summary: 'Delete a model with all versions, or one (name@3); refused while an endpoint uses it',
    run: async (cli, [reference = '']) => deleteModel(cli, reference),
  },
  {
    use: 'sweep',
    summary: 'Find stored files that belong to no model',
    options: [['--remove', 'and remove them']],
    run: sweep,
  },
])

const importBenchmarks: VerbSpec = {
  use: 'import <file>',
  summary: 'Import scores from .csv or .json (model, benchmark, score; optional metric, source, measured_at)',
  run: async (cli, [file = '']) => {
    const format = /\.(csv|json)$/i.exec(file)?.[1]?.toLowerCase()
    if (format !== 'csv' && format !== 'json')
      throw invalidInput(`The file has to end in .csv or .json, not "${file}".`)
    const done = await cli.client.models.importBenchmarks({ format, content: await readTextFile(file, 'scores') })
    return { data: done, text: `Imported: ${done.imported} scores, ${done.models} models.` }
  },
}

function under(heading: string, verbs: VerbSpec[]): VerbSpec[] {
  return verbs.map((spec) => ({ ...spec, heading }))
}

async function allFiles({ client }: Cli, id: string, search?: string): Promise<ModelFile[]> {
  const files: ModelFile[] = []
  let cursor: string | undefined
  do {
    const page = await client.models.files({ id, search, limit: FILES_PAGE, cursor })
    files.push(...page.items)
    cursor = page.next_cursor ?? undefined
  } while (cursor !== undefined)
  return files
}

async function showReport(cli: Cli, [id = '']: string[]): Promise<Answer> {
  const { name, version, scan, origin, state } = await cli.client.models.get({ id })
  if (scan === null) {
    throw failed(
      origin === 'catalogue'
        ? `${name} is a catalogue entry: it has no files, so there is nothing to scan.`
        : `${name}@${version} has no scan report yet; it is ${state.name}.`,
    )
  }
  const files = await allFiles(cli, `${name}@${version}`)
  return {
    data: { ...scan, files },
    text: describeReport(`${name}@${version}`, scan, files),
    exitCode: scan.verdict === 'clean' ? 0 : 1,
  }
}

async function tagModel(cli: Cli, [id = '']: string[], options: Values): Promise<Answer> {
  const listed = (name: string) =>
    (text(options, name) ?? '')
      .split(',')
      .map((tag) => tag.trim())
      .filter(Boolean)
  const [added, removed] = [listed('add'), listed('remove')]
  if (added.length + removed.length === 0) throw invalidInput('Say which tags: --add and --remove.')
  const { tags } = await cli.client.models.get({ id })
  const wanted = [...new Set([...tags, ...added])].filter((tag) => !removed.includes(tag))
  const model = await cli.client.models.update({ id, tags: wanted })
  return { data: model, text: `${model.name}: ${model.tags.join(', ') || 'no tags'}` }
}

async function sweep(cli: Cli, _args: string[], options: Values): Promise<Answer> {
  const swept = await cli.client.artifacts.sweep({ dry_run: options.remove !== true })
  const { orphans } = swept
  if (orphans.length === 0) return { data: swept, text: 'Everything stored belongs to a model.' }
  const rows = orphans.map((one) => [one.prefix, one.files, bytes(one.bytes), one.removed ? 'removed' : 'left'])
  const hint = options.remove === true ? [] : [`"${bud('model sweep --remove')}" removes them.`]
  return { data: swept, text: [table(['PREFIX', 'FILES', 'SIZE', ''], rows), ...hint].join('\n') }
}
