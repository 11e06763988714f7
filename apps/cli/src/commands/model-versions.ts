/** `bud model …`: versions of a model, and which of them staging and production are. */
import type { VersionAlias } from '@bud/contract'
import { invalidInput } from '@bud/kernel'
import { describeVersions, showModel } from '../models/detail-view.ts'
import { finishImport } from '../models/finish-import.ts'
import {
  claimOptions,
  noWaitOption,
  parseVersion,
  readClaims,
  requireVersionReference,
  splitReference,
} from '../models/options.ts'
import { heading } from '../output.ts'
import type { Answer, Cli, VerbSpec } from '../verb.ts'

const HEADING = 'Versions:'

export const versionVerbs: VerbSpec[] = [
  {
    use: 'versions <model>',
    summary: 'All versions, newest first',
    heading: HEADING,
    run: async (cli, [id = '']) => {
      const { name, versions } = await cli.client.models.get({ id })
      const text =
        versions.length > 0 ? describeVersions(versions) : `${name} is a catalogue entry: it has no versions.`
      return { data: versions, text }
    },
  },
  {
    use: 'add-version <model> <source>',
    summary: 'Add what lies at hf://, s3:// or file:// as the next version',
    heading: HEADING,
    options: [...claimOptions, ...noWaitOption],
    examples: ['model add-version qwen hf://Qwen/Qwen3-0.6B@main', 'model add-version team/chat s3://models/chat-2'],
    run: async (cli, [id = '', source_path = ''], options) =>
      finishImport(cli, await cli.client.models.addVersion({ id, source_path, ...readClaims(options) }), options),
  },
  {
    use: 'alias <model> <alias> <version>',
    summary: 'Point staging or production at a version',
    heading: HEADING,
    examples: ['model alias qwen staging 3', 'model alias qwen production 2'],
    run: async (cli, [id = '', alias = '', version = '']) => {
      const model = await cli.client.models.setAlias({ id, alias: parseAlias(alias), version: parseVersion(version) })
      return showAliases(model)
    },
  },
  {
    use: 'unalias <model> <alias>',
    summary: 'Take an alias away',
    heading: HEADING,
    run: async (cli, [id = '', alias = '']) => {
      await cli.client.models.removeAlias({ id, alias: parseAlias(alias) })
      return showAliases(await cli.client.models.get({ id }))
    },
  },
  {
    use: 'archive <version>',
    summary: 'Keep a version (name@3) and deploy it no more',
    heading: HEADING,
    run: async (cli, [id = '']) =>
      showModel(await cli.client.models.archive({ id: requireVersionReference(id, 'bud model archive name@3') })),
  },
  {
    use: 'restore <version>',
    summary: 'Bring an archived version (name@3) back',
    heading: HEADING,
    run: async (cli, [id = '']) =>
      showModel(await cli.client.models.restore({ id: requireVersionReference(id, 'bud model restore name@3') })),
  },
]

/** A model with all versions, or the one that is named. */
export async function deleteModel(cli: Cli, reference: string): Promise<Answer> {
  const { model, version } = splitReference(reference)
  const done = { data: { deleted: reference }, text: `Deleted ${reference}.` }
  if (version === undefined) {
    await cli.client.models.delete({ id: reference })
    return done
  }
  const number = /^\d+$/.test(version)
    ? parseVersion(version)
    : (await cli.client.models.get({ id: reference })).version
  if (number === null) throw invalidInput(`${model} is a catalogue entry: it has no versions.`)
  await cli.client.models.deleteVersion({ id: model, version: number })
  return done
}

function parseAlias(value: string): VersionAlias {
  if (value === 'staging' || value === 'production') return value
  throw invalidInput(`The alias is staging or production, not "${value}".`)
}

function showAliases(model: Awaited<ReturnType<Cli['client']['models']['get']>>): Answer {
  return { data: model, text: `${heading(model.name)}\n${describeVersions(model.versions)}` }
}
