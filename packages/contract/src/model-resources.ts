/** What the API answers with about models: the catalogue, versions, files, scans, licences, measured figures. */
import { ModelFacts, ModelVersionState, Reason, Timestamp } from '@bud/kernel'
import { z } from 'zod'

export const VersionAlias = z.enum(['staging', 'production'])
export type VersionAlias = z.infer<typeof VersionAlias>
export const LicenceClass = z.enum(['permissive', 'conditional', 'non-commercial', 'unknown'])
export type LicenceClass = z.infer<typeof LicenceClass>
export const ModelModality = z.enum(['text', 'vision-language', 'audio', 'embedding', 'reranker', 'image', 'other'])
export type ModelModality = z.infer<typeof ModelModality>

export const Licence = z.object({
  id: z.string().describe('SPDX id, or the product’s id of a model licence such as "llama-3.1-community".'),
  name: z.string(),
  class: LicenceClass,
  conditions: z.array(z.object({ kind: z.string(), text: z.string() })),
  url: z.string().nullable(),
})
export const ModelLicence = Licence.extend({
  source: z.enum(['model-card', 'licence-file', 'gguf', 'request', 'catalogue', 'inherited']),
  evidence: z.string().describe('The line that says so.'),
  from: z.string().nullable().describe('The base model it is inherited from.'),
})
export type ModelLicence = z.infer<typeof ModelLicence>

export const MeasuredFigure = z.object({
  gpu: z.string(),
  gpu_count: z.number(),
  engine: z.string(),
  engine_version: z.string().nullable(),
  precision: z.string().nullable(),
  input_tokens: z.number().nullable(),
  output_tokens: z.number().nullable(),
  concurrency: z.number().nullable(),
  output_tok_s: z.number().nullable(),
  output_tok_s_per_gpu: z.number().nullable(),
  ttft_ms: z.number().nullable(),
  tpot_ms: z.number().nullable(),
  source: z.string(),
})
export type MeasuredFigure = z.infer<typeof MeasuredFigure>

export const Benchmark = z.object({
  benchmark: z.string(),
  metric: z.string().nullable(),
  score: z.number(),
  source: z.string().describe('"model card", or where an import had it from.'),
  recorded_by: z.string().nullable(),
  recorded_at: Timestamp.nullable(),
})
export type Benchmark = z.infer<typeof Benchmark>

export const ModelSummary = z.object({
  id: z.string(),
  name: z.string(),
  origin: z.enum(['catalogue', 'registered']),
  kind: z.enum(['model', 'adapter']),
  architecture: z.string(),
  parameter_count: z.number().nullable(),
  active_parameter_count: z.number().nullable(),
  context_length: z.number().nullable(),
  modality: ModelModality,
  licence: z.object({ id: z.string(), name: z.string(), class: LicenceClass }).nullable(),
  tags: z.array(z.string()),
  version_id: z.string(),
  version: z.number().int().nullable().describe('Number of the version shown; null for catalogue entries.'),
  version_count: z.number().int(),
  aliases: z.array(VersionAlias).describe('Of the version shown.'),
  state: ModelVersionState,
  has_files: z
    .boolean()
    .describe('false for catalogue entries: deployable only where the cluster’s driver needs no files.'),
  measured: z
    .object({ gpu: z.string(), gpu_count: z.number(), output_tok_s_per_gpu: z.number() })
    .nullable()
    .describe('The fastest measured serving of this architecture; with measured_gpu: on that GPU.'),
  created_at: Timestamp.nullable(),
})
export type ModelSummary = z.infer<typeof ModelSummary>

const Facet = z.array(z.object({ value: z.string(), count: z.number().int() }))
export const ModelPage = z.object({
  items: z.array(ModelSummary),
  next_cursor: z.string().nullable().describe('Pass as `cursor` for the next page; null on the last.'),
  total: z.number().int().describe('How many models match.'),
  facets: z
    .object({
      origin: Facet,
      architecture: Facet,
      size: Facet,
      licence: Facet,
      licence_class: Facet,
      modality: Facet,
      kind: Facet,
      state: Facet,
      tag: Facet,
      benchmark: Facet,
      measured_gpu: Facet,
    })
    .nullable()
    .describe('Counts per value, each with every filter but its own; only with facets=true.'),
})
export type ModelPage = z.infer<typeof ModelPage>

const several = z.string().describe('One, or several separated by commas.')
const amount = z.coerce.number().nonnegative()
export const ModelSort = z.enum(['relevance', 'newest', 'name', 'smallest', 'largest', 'context', 'speed'])
export type ModelSort = z.infer<typeof ModelSort>
export const ListModels = z.object({
  search: z.string().max(200).optional().describe('Words of the name, architecture, tags and model card.'),
  origin: z.enum(['catalogue', 'registered']).optional(),
  kind: z.enum(['model', 'adapter']).optional(),
  architecture: several.optional().describe('Prefixes, e.g. "qwen" finds qwen2 and qwen3.'),
  size: several.optional().describe('Classes by parameters: 1b, 7b, 13b, 34b, 70b, 200b, 405b.'),
  parameters_min: amount.optional(),
  parameters_max: amount.optional(),
  active_parameters_min: amount.optional(),
  active_parameters_max: amount.optional(),
  context_min: amount.optional(),
  licence: several.optional(),
  licence_class: several.optional(),
  modality: several.optional(),
  state: several.optional(),
  tag: several.optional().describe('All of them.'),
  fits_cluster: z.string().optional().describe('Id or name: one replica fits with every GPU of it free.'),
  measured_gpu: z.string().optional().describe('GPU type; with the two limits below: one measured row holds all.'),
  output_tok_s_per_gpu_min: amount.optional(),
  ttft_ms_max: amount.optional(),
  benchmark: z.string().optional(),
  score_min: z.coerce.number().optional(),
  sort: ModelSort.optional().describe('Default: relevance when searching, else registered first, newest first.'),
  facets: z.union([z.boolean(), z.stringbool()]).default(false),
  limit: z.coerce.number().int().min(1).max(200).default(50),
  cursor: z.string().optional(),
})

export const ModelFile = z.object({
  path: z.string(),
  bytes: z.number().int(),
  sha256: z.string(),
  format: z.string().nullable().describe('What the bytes are, whatever the name says; null before a scan.'),
  scanned: z
    .array(z.object({ scanner: z.string(), bytes_covered: z.number().int() }))
    .describe('What each scanner looked at.'),
})
export type ModelFile = z.infer<typeof ModelFile>

export const ScanFinding = z.object({
  path: z.string(),
  severity: z.enum(['block', 'warn', 'info']).describe('As the scanner judges.'),
  action: z.enum(['block', 'warn', 'info', 'waived']).describe('As the policy has it.'),
  waiver: z.string().nullable().describe('Name of the waiver that lets it through.'),
  scanner: z.string(),
  rule: z.string(),
  message: z.string(),
  offset: z.number().int().nullable(),
  evidence: z.string().nullable(),
})
export const ScanReport = z.object({
  verdict: z.enum(['clean', 'blocked', 'incomplete']),
  started_at: Timestamp,
  ended_at: Timestamp,
  scanners: z.array(z.object({ name: z.string(), version: z.string() })),
  policy: z.string().describe('Digest of the policy that judged.'),
  file_count: z.number().int(),
  bytes: z.number().int(),
  bytes_covered: z.number().int().describe('Looked at by every scanner.'),
  findings: z.array(ScanFinding),
})
export type ScanReport = z.infer<typeof ScanReport>

export const FactConflict = z.object({ field: z.string(), claimed: z.string(), found: z.string(), message: z.string() })

export const Lineage = z.object({
  relation: z.enum(['adapter-of', 'quantised-from', 'fine-tuned-from', 'merged-from']),
  name: z.string(),
  model_id: z.string().nullable().describe('When the registry or the catalogue knows it.'),
  source: z.string().describe('Where it is stated, e.g. "adapter_config.json".'),
})
export type Lineage = z.infer<typeof Lineage>

export const ModelVersion = z.object({
  id: z.string(),
  number: z.number().int(),
  state: ModelVersionState,
  aliases: z.array(VersionAlias),
  digest: z.string().nullable(),
  source_path: z.string(),
  registered_by: z.string(),
  created_at: Timestamp,
  file_count: z.number().int(),
  total_bytes: z.number().int(),
  used_by: z.number().int().describe('How many endpoints use it.'),
})
export type ModelVersion = z.infer<typeof ModelVersion>

export const ModelDetail = ModelSummary.extend({
  description: z.string().nullable(),
  facts: ModelFacts.nullable(),
  source_path: z.string().nullable(),
  pinned_source: z.string().nullable().describe('The source with every moving part pinned, e.g. a commit.'),
  registered_by: z.string().nullable(),
  conflicts: z
    .array(FactConflict)
    .describe('Where the request or the card claimed something else than the files say; the files win.'),
  digest: z.string().nullable().describe('sha256 over the manifest.'),
  file_count: z.number().int(),
  total_bytes: z.number().int(),
  files: z.array(ModelFile).describe('The first 100; all of them at /models/{id}/files.'),
  scan: ScanReport.nullable(),
  rescanning: z.boolean(),
  licence_detail: ModelLicence.nullable(),
  licence_verdicts: z
    .array(
      z.object({
        stage: z.enum(['staging', 'production']),
        action: z.enum(['allow', 'warn', 'block']),
        reasons: z.array(Reason),
      }),
    )
    .describe('What the policy says about deploying it.'),
  lineage: z.array(Lineage),
  derived: z
    .array(z.object({ model_id: z.string(), name: z.string(), relation: Lineage.shape.relation }))
    .describe('Registered models that name this one as their base.'),
  languages: z.array(z.string()),
  tokenizer: z
    .object({ kind: z.string().nullable(), vocab_size: z.number().int().nullable(), chat_template: z.boolean() })
    .nullable(),
  generation: z.record(z.string(), z.number()).describe('Defaults of generation_config.json.'),
  benchmarks: z.array(Benchmark),
  measured_figures: z.array(MeasuredFigure).describe('Public measurements of this architecture, fastest first.'),
  measured_as: z.string().nullable().describe('The catalogue model whose measurements these are.'),
  fits: z.array(
    z.object({
      cluster_id: z.string(),
      cluster_name: z.string(),
      fits: z.boolean(),
      fits_now: z.boolean(),
      gpu_type: z.string().nullable(),
      gpu_count: z.number().int().nullable(),
    }),
  ),
  versions: z.array(ModelVersion).describe('Newest first.'),
  used_by: z.array(z.object({ endpoint_id: z.string(), endpoint_name: z.string(), version_id: z.string() })),
  sources: z.array(z.string()).describe('Where a catalogue entry’s facts come from; empty for registered models.'),
  operation_id: z.string().nullable().describe('The last import or scan of the version shown.'),
})
export type ModelDetail = z.infer<typeof ModelDetail>

/** One line. */
const plainText = (max: number) =>
  z
    .string()
    .min(1)
    .max(max)
    .regex(/^[^\p{Cc}]*$/u, 'holds control characters')
const Claims = {
  architecture: plainText(100).optional(),
  parameter_count: z.number().int().positive().optional(),
  context_length: z.number().int().positive().max(2_147_483_647).optional(),
  base_model: plainText(200).optional().describe('Name of the model this one was made from.'),
  licence: plainText(100).optional().describe('SPDX id or a model licence’s; the files win.'),
  source_path: z
    .string()
    .max(2048)
    .describe('"s3://bucket/prefix", "hf://org/name@revision", "file:///folder", or "upload://upload-…".'),
}
/** The guide's registration body, as it stands; the rest is optional. */
export const RegisterModel = z.strictObject({
  name: z
    .string()
    .regex(
      /^[A-Za-z0-9][A-Za-z0-9._/-]{0,95}$/,
      'use letters, digits, ".", "_", "-" and "/", starting with a letter or digit',
    ),
  ...Claims,
})
export type RegisterModel = z.infer<typeof RegisterModel>
export const AddVersion = z.strictObject(Claims)

export const UpdateModel = z.strictObject({
  description: z.string().max(2000).nullable().optional(),
  tags: z
    .array(z.string().regex(/^[a-z0-9][a-z0-9._:-]{0,63}$/, 'use lower-case words such as "team:search"'))
    .max(50)
    .optional(),
})

export const ImportBenchmarks = z.strictObject({
  format: z.enum(['csv', 'json']),
  content: z
    .string()
    .max(5_000_000)
    .describe('Columns or fields: model, benchmark, score; optional metric, source, measured_at.'),
})
