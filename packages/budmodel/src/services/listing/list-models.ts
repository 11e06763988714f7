/** One list of what is registered and what the catalogue knows, page by page, stable while models come and go. */
import type { Principal } from '@bud/access'
import { orderFingerprint, parseCursor } from '../../domain/listing/list-cursor.ts'
import { type ListModels, type ModelFilter, parseModelFilter } from '../../domain/listing/model-filter.ts'
import { countModels, type ModelFacets } from './count-models.ts'
import { fittingKeys } from './fitting-keys.ts'
import { conditionsOf } from './listed-rows.ts'
import type { ListingContext } from './listing-context.ts'
import type { ModelSummary } from './model-summary.ts'
import { type PageOrder, readPage } from './read-page.ts'
import { sortKeysOf } from './sort-keys.ts'

export interface ModelPage {
  items: ModelSummary[]
  next_cursor: string | null
  total: number
  facets: ModelFacets | null
}

export async function listModels(
  context: ListingContext,
  { project_id }: Principal,
  input: ListModels,
): Promise<ModelPage> {
  const filter = parseModelFilter(input)
  const order = orderOf(context, filter, input)
  const conditions = conditionsOf(project_id, filter, {
    shapeKeys: filter.measured && [...context.measured.holding(filter.measured).keys()],
    factsKeys: await fittingKeys(context, project_id, filter),
  })
  const asked = { projectId: project_id, filter, conditions }
  const [page, counts] = await Promise.all([
    readPage(context, { ...asked, order, limit: input.limit }),
    countModels(context, { ...asked, facets: input.facets ?? false }),
  ])
  return { ...page, ...counts }
}

/** A cursor goes on only where the same is sorted in the same way. */
function orderOf({ measured }: ListingContext, filter: ModelFilter, { sort, cursor }: ListModels): PageOrder {
  const chosen = sort ?? (filter.search ? 'relevance' : 'newest')
  const gpu = filter.measured?.gpu
  const speeds = chosen === 'speed' ? measured.speeds(gpu) : new Map<string, number>()
  const keys = sortKeysOf(chosen, filter, speeds)
  const dependsOn = { relevance: filter.search?.query, speed: gpu }
  const fingerprint = orderFingerprint(chosen, (chosen in dependsOn && dependsOn[chosen as 'speed']) || '')
  const kinds = keys.map(({ kind }) => kind)
  return { keys, fingerprint, after: cursor === undefined ? undefined : parseCursor(cursor, fingerprint, kinds) }
}
