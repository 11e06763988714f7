/** A model's versions as rows with what may be done to each. */
import type { ModelDetail, ModelVersion, VersionAlias } from '@bud/contract'
import { formatBytes, formatInteger, plural } from '../../../prepare/format.ts'
import type { ModelTab } from './search.ts'

const aliases: readonly VersionAlias[] = ['staging', 'production']

export type VersionAct =
  | { kind: 'set-alias' | 'remove-alias'; alias: VersionAlias; label: string }
  | { kind: 'archive' | 'restore' | 'delete'; label: string }

/** What the server would refuse is not offered: archived versions get no alias, used ones do not go. */
export function actsOf(version: ModelVersion): VersionAct[] {
  const archived = version.state.name === 'archived'
  const settled = version.state.name !== 'importing' && version.state.name !== 'scanning'
  const set = archived ? [] : aliases.filter((alias) => !version.aliases.includes(alias))
  return [
    ...set.map((alias) => ({ kind: 'set-alias' as const, alias, label: `Point ${alias} here` })),
    ...version.aliases.map((alias) => ({ kind: 'remove-alias' as const, alias, label: `Take ${alias} away` })),
    ...(archived ? [{ kind: 'restore' as const, label: 'Restore' }] : []),
    ...(!archived && settled && version.used_by === 0 ? [{ kind: 'archive' as const, label: 'Archive' }] : []),
    { kind: 'delete' as const, label: 'Delete version …' },
  ]
}

export const filesText = ({ file_count, total_bytes }: Pick<ModelVersion, 'file_count' | 'total_bytes'>): string =>
  file_count === 0 ? 'no files yet' : `${plural(file_count, 'file')}, ${formatBytes(total_bytes)}`

/** How the API is asked for one version of a model; without a number, for what the model shows by itself. */
export const referenceOf = (modelId: string, version: number | undefined): string =>
  version === undefined ? modelId : `${modelId}@${version}`

interface User {
  id: string
  name: string
  version: number | undefined
}

/** Endpoints with the number of the version they run; left out where there is only one. */
export function usersWithVersion({ used_by, versions }: Pick<ModelDetail, 'used_by' | 'versions'>): User[] {
  const numbers = new Map(versions.map((version) => [version.id, version.number]))
  return used_by.map((user) => ({
    id: user.endpoint_id,
    name: user.endpoint_name,
    version: versions.length > 1 ? numbers.get(user.version_id) : undefined,
  }))
}

/** What goes with a model. */
export function lossText({ versions }: Pick<ModelDetail, 'versions'>): string {
  const files = versions.reduce((sum, { file_count }) => sum + file_count, 0)
  const bytes = versions.reduce((sum, { total_bytes }) => sum + total_bytes, 0)
  const all = versions.length === 1 ? 'its only version' : `all ${versions.length} versions`
  return `${plural(files, 'file')} (${formatBytes(bytes)}) of ${all}, with scan reports and aliases, are removed for good.`
}

/** "version 3 of 5"; undefined for catalogue entries. */
export const versionText = ({ version, version_count }: Pick<ModelDetail, 'version' | 'version_count'>) =>
  version === null ? undefined : `version ${version} of ${version_count}`

/** A catalogue entry has neither files nor scans nor versions. */
export function tabsOf(model: ModelDetail): { name: ModelTab; label: string }[] {
  const measured = model.measured_figures.length + model.benchmarks.length
  const all: { name: ModelTab; label: string }[] = [
    { name: 'overview', label: 'Overview' },
    { name: 'scan', label: `Scan${countOf(model.scan?.findings.length ?? 0)}` },
    { name: 'files', label: `Files${countOf(model.file_count)}` },
    { name: 'versions', label: `Versions${countOf(model.versions.length)}` },
    { name: 'performance', label: `Performance${countOf(measured)}` },
  ]
  const own: readonly ModelTab[] = ['scan', 'files', 'versions']
  return model.origin === 'registered' ? all : all.filter(({ name }) => !own.includes(name))
}

const countOf = (count: number): string => (count > 0 ? ` (${formatInteger(count)})` : '')
