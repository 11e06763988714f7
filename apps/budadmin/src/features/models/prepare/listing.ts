/** A model as a row of the list, and the list as one sentence. */
import type { ModelPage, ModelSort, ModelSummary } from '@bud/contract'
import { formatCount, formatFigure, formatInteger, plural } from '../../../prepare/format.ts'
import { hasFilters } from './filters.ts'
import type { ModelsSearch } from './search.ts'

export const sorts: readonly { value: ModelSort; label: string }[] = [
  { value: 'relevance', label: 'Best match' },
  { value: 'newest', label: 'Newest' },
  { value: 'name', label: 'Name' },
  { value: 'smallest', label: 'Smallest' },
  { value: 'largest', label: 'Largest' },
  { value: 'context', label: 'Longest context' },
  { value: 'speed', label: 'Fastest measured' },
]

/** "14 models match.", or what there is when nothing is filtered. */
export function describeList(page: Pick<ModelPage, 'total' | 'facets'>, search: ModelsSearch): string {
  if (hasFilters(search)) return `${plural(page.total, 'model matches', 'models match')}.`
  const count = (value: string) => page.facets?.origin.find((one) => one.value === value)?.count ?? 0
  const registered = count('registered')
  const own = registered === 0 ? 'None registered yet' : plural(registered, 'registered model')
  return `${own}; ${formatInteger(count('catalogue'))} in the catalogue to optimise for.`
}

/** "70.6B", "671B (37B active)". */
export function parametersText({
  parameter_count,
  active_parameter_count,
}: Pick<ModelSummary, 'parameter_count' | 'active_parameter_count'>): string {
  const all = formatCount(parameter_count)
  return active_parameter_count === null || active_parameter_count === parameter_count
    ? all
    : `${all} (${formatCount(active_parameter_count)} active)`
}

/** "1,840" tokens/s per GPU on "8 × H100". */
export function measuredText(measured: ModelSummary['measured']): { figure: string; on: string } | undefined {
  if (!measured) return undefined
  return { figure: formatFigure(measured.output_tok_s_per_gpu), on: gpusText(measured) }
}

export const gpusText = ({ gpu, gpu_count }: { gpu: string; gpu_count: number }): string =>
  gpu_count === 1 ? gpu : `${gpu_count} × ${gpu}`

const SHOWN_TAGS = 2

/** The first tags that say more than the row does. */
export const tagsInRow = ({ tags, architecture }: Pick<ModelSummary, 'tags' | 'architecture'>): string[] =>
  tags.filter((tag) => tag !== architecture).slice(0, SHOWN_TAGS)

/** What stands beside the name: the version when there are several, and where it is pointed at. */
export function versionTags({ version, version_count, aliases, kind }: ModelSummary): string[] {
  return [
    ...(kind === 'adapter' ? ['adapter'] : []),
    ...(version !== null && version_count > 1 ? [`version ${version} of ${version_count}`] : []),
    ...aliases,
  ]
}
