/** Which models come from which: bases by name, and what of the project names this one as its base. */
import { and, eq, sql } from '@bud/platform/drizzle'
import type { Lineage } from '../domain/card/lineage.ts'
import { compareClasses, type LicenceFinding } from '../domain/licences/licence.ts'
import type { Context } from './context.ts'
import { models, versions } from './tables.ts'
import { findModel, findVersion } from './version-rows.ts'

export interface ShownLineage extends Lineage {
  /** Null where neither the registry nor the catalogue knows it. */
  model_id: string | null
}

export interface DerivedModel {
  model_id: string
  name: string
  relation: Lineage['relation']
}

type Looking = Pick<Context, 'database' | 'catalogue'>

export function showLineage(context: Looking, projectId: string, lineage: readonly Lineage[]): Promise<ShownLineage[]> {
  return Promise.all(
    lineage.map(async (one) => ({ ...one, model_id: (await findBase(context, projectId, one.name))?.id ?? null })),
  )
}

/**
 * A registered model wins over a catalogue entry of its name, but for the licence: whoever registers a copy of a known
 * model under a laxer one does not make it so.
 */
export async function findBase(
  { database, catalogue }: Looking,
  projectId: string,
  name: string,
): Promise<{ id: string; licence: LicenceFinding | null } | undefined> {
  const model = await findModel(database.query, projectId, name)
  const entry = catalogue.find((candidate) => candidate.name.toLowerCase() === name.toLowerCase())
  if (!model) return entry && { id: entry.model_id, licence: entry.licence }
  const shown = await findVersion(database.query, model.shown_version_id)
  return { id: model.id, licence: stricterOf(shown?.version.licence ?? null, entry?.licence ?? null) }
}

function stricterOf(own: LicenceFinding | null, known: LicenceFinding | null): LicenceFinding | null {
  if (!own || !known) return own ?? known
  return compareClasses(known.licence.class, own.licence.class) > 0 ? known : own
}

/** By what their shown version says. */
export async function derivedFrom({ database }: Looking, projectId: string, name: string): Promise<DerivedModel[]> {
  const rows = await database.query
    .select({ model_id: models.id, name: models.name, lineage: versions.lineage })
    .from(models)
    .innerJoin(versions, eq(versions.id, models.shown_version_id))
    .where(and(eq(models.project_id, projectId), sql`${versions.lineage} @> ${JSON.stringify([{ name }])}::jsonb`))
    .orderBy(models.name)
    .limit(100)
  return rows.flatMap(({ lineage, ...model }) => {
    const own = lineage.find((one) => one.name === name)
    return own ? [{ ...model, relation: own.relation }] : []
  })
}
