/** One list of what is registered and what the catalogue knows, page by page, stable while models come and go. */
import type { Principal } from '@bud/access'
import { and, desc, eq, gte, inArray, lt, lte, type SQL, sql } from '@bud/platform/drizzle'
import { type CatalogueEntry, type ModelFilter, matchesFilter, searchWords } from '../domain/listing/catalogue.ts'
import { encodeCursor, type ListCursor, parseCursor } from '../domain/listing/list-cursor.ts'
import type { Context } from './context.ts'
import { catalogueSummary, type ModelSummary, toSummary } from './present-model.ts'
import { models, versions } from './tables.ts'
import type { Registered } from './version-rows.ts'

export interface ListModels extends ModelFilter {
  origin?: 'catalogue' | 'registered' | undefined
  limit: number
  cursor?: string | undefined
}

export interface ModelPage {
  items: ModelSummary[]
  next_cursor: string | null
}

export async function listModels(context: Context, principal: Principal, input: ListModels): Promise<ModelPage> {
  const cursor = input.cursor === undefined ? undefined : parseCursor(input.cursor)
  const { limit, origin } = input
  const inCatalogue = origin === 'catalogue' || (cursor !== undefined && 'catalogue' in cursor)
  const registered = inCatalogue ? [] : await registeredPage(context, principal.project_id, input, cursor)
  const items = registered.slice(0, limit).map(toSummary)
  const last = items.at(-1)
  if (registered.length > limit && last) return { items, next_cursor: encodeCursor({ registered: last.id }) }
  if (origin === 'registered') return { items, next_cursor: null }
  const after = cursor !== undefined && 'catalogue' in cursor ? cursor.catalogue : ''
  const entries = await cataloguePage(context, principal.project_id, input, after)
  const shown = entries.slice(0, limit - items.length)
  return {
    items: [...items, ...shown.map((entry) => catalogueSummary(entry, context.catalogueSince))],
    next_cursor: shown.length < entries.length ? encodeCursor({ catalogue: shown.at(-1)?.name ?? after }) : null,
  }
}

/** Newest first, one more than asked for when there is more. */
function registeredPage(
  context: Context,
  projectId: string,
  input: ListModels,
  cursor: ListCursor | undefined,
): Promise<Registered[]> {
  const after = cursor !== undefined && 'registered' in cursor ? lt(models.id, cursor.registered) : undefined
  return context.database.query
    .select({ model: models, version: versions })
    .from(models)
    .innerJoin(versions, eq(versions.model_id, models.id))
    .where(and(eq(models.project_id, projectId), after, ...filters(input)))
    .orderBy(desc(models.id))
    .limit(input.limit + 1)
}

/** Everything that follows `after`. A registered model hides the entry of the same name. */
async function cataloguePage(
  context: Context,
  projectId: string,
  filter: ModelFilter,
  after: string,
): Promise<CatalogueEntry[]> {
  const entries = context.catalogue.filter((entry) => entry.name > after && matchesFilter(entry, filter))
  if (entries.length === 0) return []
  const names = entries.map(({ name }) => name)
  const taken = await context.database.query
    .select({ name: models.name })
    .from(models)
    .where(and(eq(models.project_id, projectId), inArray(models.name, names)))
  const hidden = new Set(taken.map(({ name }) => name))
  return entries.filter(({ name }) => !hidden.has(name))
}

function filters({ search, architecture, parameters_min, parameters_max }: ModelFilter): (SQL | undefined)[] {
  const text = sql`lower(${models.name} || ' ' || coalesce(${versions.architecture}, ''))`
  const prefix = architecture?.trim().toLowerCase()
  return [
    ...searchWords(search).map((word) => sql`position(${word} in ${text}) > 0`),
    prefix ? sql`starts_with(lower(coalesce(${versions.architecture}, '')), ${prefix})` : undefined,
    parameters_min === undefined ? undefined : gte(versions.parameter_count, Math.ceil(parameters_min)),
    parameters_max === undefined ? undefined : lte(versions.parameter_count, Math.floor(parameters_max)),
  ]
}
