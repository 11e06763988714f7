/** Everything a version's own files tell: facts, card, lineage, licence, and where they contradict what was claimed. */
import type { ModelFacts } from '@bud/kernel'
import { describeVersion, modalityOfVersion, type SideFiles } from '../domain/card/describe-version.ts'
import { type Lineage, readLineage } from '../domain/card/lineage.ts'
import type { CardBenchmark } from '../domain/card/model-index.ts'
import { parseModelCard } from '../domain/card/parse-model-card.ts'
import type { VersionCard } from '../domain/card/version-card.ts'
import { type Claims, type FactConflict, findConflicts } from '../domain/facts/claims.ts'
import type { GgufFacts } from '../domain/facts/gguf-facts.ts'
import { ADAPTER_CONFIG, isAdapter, weightFilesOf } from '../domain/facts/required-files.ts'
import { toWeightFacts } from '../domain/facts/weight-facts.ts'
import { detectLicence } from '../domain/licences/detect-licence.ts'
import { inheritLicence } from '../domain/licences/inherit-licence.ts'
import type { LicenceFinding } from '../domain/licences/licence.ts'
import { isLicenceFile } from '../domain/licences/text-licence.ts'
import type { ModelModality } from '../domain/listing/modality.ts'
import type { ManifestFile } from '../domain/manifest.ts'
import type { Context, VersionRef } from './context.ts'
import { findBase } from './lineage-rows.ts'
import { readModelFacts, readTensors } from './read-model-facts.ts'
import { VersionFiles } from './version-files.ts'
import { requireVersion } from './version-rows.ts'

export interface VersionFacts {
  kind: 'model' | 'adapter'
  /** Null for an adapter: it is served with its base. */
  facts: ModelFacts | null
  architecture: string
  parameter_count: number | null
  modality: ModelModality
  card: VersionCard
  tags: string[]
  benchmarks: CardBenchmark[]
  lineage: Lineage[]
  licence: LicenceFinding | null
  conflicts: FactConflict[]
}

const MAX_LICENCE_FILES = 10

export async function readVersionFacts(
  context: Context,
  ref: VersionRef,
  manifest: readonly ManifestFile[],
): Promise<VersionFacts> {
  const { claims } = (await requireVersion(context, ref)).version
  const files = new VersionFiles(context, ref, manifest)
  const what = isAdapter(manifest) ? await readAdapter(files) : await readModel(files)
  const side = await readSideFiles(files, what.gguf[0])
  const lineage = readLineage({
    adapterConfig: await files.lenientJson(ADAPTER_CONFIG),
    config: side.config,
    card: side.card,
    gguf: what.gguf[0]?.base_models ?? null,
    claimed: claims.base_model ?? null,
  })
  const { licence, conflicts } = await readLicence(context, ref, { files, side, lineage, claims, gguf: what.gguf[0] })
  return {
    ...what,
    modality: modalityOfVersion(side),
    card: describeVersion(side, what.facts?.vocab_size ?? null),
    tags: side.card?.tags ?? [],
    benchmarks: side.card?.benchmarks ?? [],
    lineage,
    licence,
    conflicts: [...(what.facts ? findConflicts(claims, what.facts) : []), ...otherBase(claims, lineage), ...conflicts],
  }
}

async function readModel(files: VersionFiles) {
  const { facts, gguf } = await readModelFacts(files)
  const { architecture, parameter_count } = facts
  return { kind: 'model' as const, facts, architecture, parameter_count, gguf }
}

async function readAdapter(files: VersionFiles) {
  const weights = weightFilesOf(files.all).filter(({ path }) => path.endsWith('.safetensors'))
  const { parameter_count = null } = toWeightFacts(await readTensors(files, weights), false)
  const gguf: GgufFacts[] = []
  return { kind: 'adapter' as const, facts: null, architecture: 'adapter', parameter_count, gguf }
}

async function readSideFiles(files: VersionFiles, gguf: GgufFacts | undefined): Promise<SideFiles> {
  const readme = files.all.find(({ path }) => path.toLowerCase() === 'readme.md')
  return {
    card: readme ? parseModelCard(await files.text(readme)) : null,
    config: await files.lenientJson('config.json'),
    tokenizerConfig: await files.lenientJson('tokenizer_config.json'),
    generationConfig: await files.lenientJson('generation_config.json'),
    hasTemplateFile: files.all.some(({ path }) => /^chat_template\.(jinja|json)$/.test(path)),
    hasModules: files.find('modules.json') !== undefined,
    gguf,
  }
}

interface LicenceClues {
  files: VersionFiles
  side: SideFiles
  lineage: readonly Lineage[]
  claims: Claims
  gguf: GgufFacts | undefined
}

/** What the files say, then what its bases add. */
async function readLicence(
  context: Context,
  { project_id }: VersionRef,
  { files, side, lineage, claims, gguf }: LicenceClues,
): Promise<{ licence: LicenceFinding | null; conflicts: FactConflict[] }> {
  const named = files.all.filter(({ path }) => isLicenceFile(path)).slice(0, MAX_LICENCE_FILES)
  const texts = await Promise.all(named.map(async (file) => ({ path: file.path, text: await files.text(file) })))
  const own = detectLicence({
    card: side.card?.licence ?? null,
    files: texts,
    gguf: gguf?.licence ? { license: [gguf.licence], license_name: null, license_link: gguf.licence_link } : null,
    claimed: claims.licence ?? null,
  })
  const bases = lineage.map(async ({ name }) => ({
    name,
    licence: (await findBase(context, project_id, name))?.licence ?? null,
  }))
  const { licence, conflicts } = inheritLicence(own.licence, await Promise.all(bases))
  return { licence, conflicts: [...own.conflicts, ...conflicts] }
}

function otherBase({ base_model: claimed }: Claims, lineage: readonly Lineage[]): FactConflict[] {
  const found = lineage.filter(({ source }) => source !== 'registration').map(({ name }) => name)
  const agrees = found.some((name) => name.toLowerCase() === claimed?.toLowerCase())
  if (claimed === undefined || found.length === 0 || agrees) return []
  const names = found.join(', ')
  const message = `The registration says base_model ${claimed}, the files say ${names}.`
  return [{ field: 'base_model', claimed, found: names, message }]
}
