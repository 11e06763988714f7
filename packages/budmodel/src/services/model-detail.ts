/** One model with everything that is known of it, as the API shows it. */
import type { ModelFacts, Stage } from '@bud/kernel'
import { eq } from '@bud/platform/drizzle'
import type { VersionCard } from '../domain/card/version-card.ts'
import type { FactConflict } from '../domain/facts/claims.ts'
import type { Licence, LicenceFinding } from '../domain/licences/licence.ts'
import type { CatalogueEntry } from '../domain/listing/catalogue.ts'
import type { MeasuredFigure } from '../domain/listing/measured-figures.ts'
import { shapeKeyOf } from '../domain/listing/shape-key.ts'
import { type ScanReport, showFindings } from '../domain/scan/scan-report.ts'
import type { VersionAlias } from '../domain/versions.ts'
import type { ClusterFit, ModelUser } from '../ports.ts'
import type { Context } from './context.ts'
import { type DerivedModel, derivedFrom, type ShownLineage, showLineage } from './lineage-rows.ts'
import { filesOf, type ModelFile } from './list-files.ts'
import { benchmarksOf, type ModelBenchmark } from './listing/benchmarks.ts'
import { type ModelSummary, registeredSummary } from './listing/model-summary.ts'
import { catalogueSummaryOf } from './listing/sync-catalogue.ts'
import { type LicenceVerdict, licenceVerdicts } from './resolve-for-deployment.ts'
import { scans } from './tables.ts'
import { listVersions, type Registered, stateOf, type VersionWithAliases } from './version-rows.ts'

/** More are served by the page. */
const FIRST_FILES = 100

export interface ModelVersion {
  id: string
  number: number
  state: ReturnType<typeof stateOf>
  aliases: VersionAlias[]
  digest: string | null
  source_path: string
  registered_by: string
  created_at: string
  file_count: number
  total_bytes: number
  used_by: number
}

export type LicenceDetail = Licence & Pick<LicenceFinding, 'source' | 'evidence' | 'from'>

export interface ModelDetail extends ModelSummary, Pick<VersionCard, 'languages' | 'tokenizer' | 'generation'> {
  description: string | null
  facts: ModelFacts | null
  source_path: string | null
  pinned_source: string | null
  registered_by: string | null
  conflicts: FactConflict[]
  digest: string | null
  file_count: number
  total_bytes: number
  files: ModelFile[]
  scan: ScanReport | null
  rescanning: boolean
  licence_detail: LicenceDetail | null
  licence_verdicts: ({ stage: Stage } & LicenceVerdict)[]
  lineage: ShownLineage[]
  derived: DerivedModel[]
  benchmarks: ModelBenchmark[]
  measured_figures: MeasuredFigure[]
  measured_as: string | null
  fits: ClusterFit[]
  versions: ModelVersion[]
  used_by: ModelUser[]
  /** Of a catalogue entry’s facts. */
  sources: string[]
  operation_id: string | null
}

export async function registeredDetail(context: Context, registered: Registered): Promise<ModelDetail> {
  const { model, version } = registered
  const { query } = context.database
  const versions = await listVersions(query, model.id)
  const users = await context.usage.usedBy(model.project_id, model.id)
  const [scan] = await query.select().from(scans).where(eq(scans.version_id, version.id))
  const aliases = versions.find(({ id }) => id === version.id)?.aliases ?? []
  const counted = { model, version, version_count: versions.length, aliases }
  const { facts, card } = version
  return {
    ...registeredSummary(counted, context),
    ...(await factsDetail(context, model.project_id, {
      id: model.id,
      version_id: version.id,
      name: model.name,
      facts,
    })),
    ...(await licenceDetail(context, version.licence)),
    description: model.description ?? card?.description ?? null,
    source_path: version.source_path,
    pinned_source: version.pinned_source,
    registered_by: version.registered_by,
    conflicts: version.conflicts,
    digest: version.digest,
    file_count: version.file_count,
    total_bytes: version.total_bytes,
    files: (await filesOf(query, version.id, { limit: FIRST_FILES })).items,
    scan: scan ? { ...scan.report, findings: showFindings(scan.report.findings) } : null,
    rescanning: version.rescanning,
    lineage: await showLineage(context, model.project_id, version.lineage),
    languages: card?.languages ?? [],
    tokenizer: card?.tokenizer ?? null,
    generation: card?.generation ?? {},
    versions: versions.map((one) => toVersion(one, users)),
    used_by: users,
    sources: [],
    operation_id: version.operation_id,
  }
}

export async function catalogueDetail(
  context: Context,
  projectId: string,
  entry: CatalogueEntry,
): Promise<ModelDetail> {
  return {
    ...(await catalogueSummaryOf(context, entry)),
    ...(await factsDetail(context, projectId, {
      id: entry.model_id,
      version_id: entry.version_id,
      name: entry.name,
      facts: entry.facts,
    })),
    ...(await licenceDetail(context, entry.licence)),
    description: null,
    source_path: null,
    pinned_source: null,
    registered_by: null,
    conflicts: [],
    digest: null,
    file_count: 0,
    total_bytes: 0,
    files: [],
    scan: null,
    rescanning: false,
    lineage: [],
    languages: [],
    tokenizer: null,
    generation: {},
    versions: [],
    used_by: await context.usage.usedBy(projectId, entry.model_id),
    sources: entry.sources,
    operation_id: null,
  }
}

async function factsDetail(
  context: Context,
  projectId: string,
  { id, version_id, name, facts }: { id: string; version_id: string; name: string; facts: ModelFacts | null },
) {
  const shape = facts && shapeKeyOf(facts)
  return {
    facts,
    measured_figures: shape ? context.measured.figuresOf(shape) : [],
    measured_as: shape ? context.measured.measuredAs(shape) : null,
    fits: facts ? await context.fits.of(projectId, facts) : [],
    benchmarks: await benchmarksOf(context, projectId, id, version_id),
    derived: await derivedFrom(context, projectId, name),
  }
}

async function licenceDetail(context: Context, found: LicenceFinding | null) {
  const { staging, production } = await licenceVerdicts(context, found?.licence ?? null)
  return {
    licence_detail: found && { ...found.licence, source: found.source, evidence: found.evidence, from: found.from },
    licence_verdicts: [
      { stage: 'staging' as const, ...staging },
      { stage: 'production' as const, ...production },
    ],
  }
}

function toVersion(version: VersionWithAliases, users: readonly ModelUser[]): ModelVersion {
  const { id, number, aliases, digest, source_path, registered_by, created_at, file_count, total_bytes } = version
  const used_by = users.filter(({ version_id }) => version_id === id).length
  const state = stateOf(version)
  return {
    id,
    number,
    state,
    aliases,
    digest,
    source_path,
    registered_by,
    created_at,
    file_count,
    total_bytes,
    used_by,
  }
}
