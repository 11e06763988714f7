/** Facts, manifest and what lists are filtered by appear together. */
import { eq, sql } from '@bud/platform/drizzle'
import { searchTerms, toVectorLiteral } from '../domain/listing/search-terms.ts'
import { shapeKeyOf } from '../domain/listing/shape-key.ts'
import type { Manifest } from '../domain/manifest.ts'
import { type Context, nowOf, type VersionRef } from './context.ts'
import { saveCardBenchmarks } from './listing/benchmarks.ts'
import type { VersionFacts } from './read-version-facts.ts'
import { versions } from './tables.ts'
import { requireVersion, saveManifest } from './version-rows.ts'

/** What the column holds; no context is longer. */
const MAX_INTEGER = 2_147_483_647

/** Idempotent. */
export async function saveVersionFacts(
  context: Context,
  ref: VersionRef,
  manifest: Manifest,
  read: VersionFacts,
): Promise<void> {
  const { model, version } = await requireVersion(context, ref)
  const { kind, facts, architecture, parameter_count, modality, card, tags, lineage, licence, conflicts } = read
  const licenceWords = [licence?.licence.id, licence?.licence.name]
  const bases = lineage.map(({ name }) => name)
  const words = searchTerms(model.name, architecture, ...tags, ...licenceWords, ...bases, card.description)
  await context.database.transact(async (tx) => {
    await saveManifest(tx, ref, manifest)
    await tx
      .update(versions)
      .set({
        kind,
        facts,
        architecture,
        parameter_count,
        active_parameter_count: facts?.active_parameter_count ?? null,
        context_length: facts && facts.context_length !== null ? Math.min(facts.context_length, MAX_INTEGER) : null,
        shape_key: facts && shapeKeyOf(facts),
        modality,
        card,
        card_tags: tags,
        lineage,
        licence,
        licence_id: licence?.licence.id ?? null,
        licence_name: licence?.licence.name ?? null,
        licence_class: licence?.licence.class ?? 'unknown',
        conflicts,
        search: sql`${toVectorLiteral(words)}::tsvector`,
      })
      .where(eq(versions.id, ref.version_id))
    const recorded = { by: version.registered_by, at: nowOf(context) }
    await saveCardBenchmarks(tx, ref, read.benchmarks, recorded)
  })
}
