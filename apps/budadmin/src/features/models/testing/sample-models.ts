/** Models as the API answers with them, for the tests of this feature. */
import type { ModelDetail, ModelSummary } from '@bud/contract'

const since = '2026-05-04T12:00:00.000Z'

export const summaryOf = (name: string, more: Partial<ModelSummary> = {}): ModelSummary => ({
  id: `model-${name}`,
  name,
  origin: 'registered',
  kind: 'model',
  architecture: 'llama',
  parameter_count: 8e9,
  active_parameter_count: 8e9,
  context_length: 8192,
  modality: 'text',
  licence: { id: 'Apache-2.0', name: 'Apache License 2.0', class: 'permissive' },
  tags: [],
  version_id: `mver-${name}`,
  version: 1,
  version_count: 1,
  aliases: [],
  state: { name: 'available', since, reasons: [] },
  has_files: true,
  measured: null,
  created_at: since,
  ...more,
})

export const detailOf = (name: string, more: Partial<ModelDetail> = {}): ModelDetail => ({
  ...summaryOf(name),
  description: null,
  facts: null,
  source_path: 's3://models/x',
  pinned_source: null,
  registered_by: 'Ada',
  conflicts: [],
  digest: null,
  file_count: 0,
  total_bytes: 0,
  files: [],
  scan: null,
  rescanning: false,
  licence_detail: null,
  licence_verdicts: [],
  lineage: [],
  derived: [],
  languages: [],
  tokenizer: null,
  generation: {},
  benchmarks: [],
  measured_figures: [],
  measured_as: null,
  fits: [],
  versions: [],
  used_by: [],
  sources: [],
  operation_id: null,
  ...more,
})

export const versionOf = (
  number: number,
  more: Partial<ModelDetail['versions'][number]> = {},
): ModelDetail['versions'][number] => ({
  id: `mver-${number}`,
  number,
  state: { name: 'available', since, reasons: [] },
  aliases: [],
  digest: null,
  source_path: 's3://models/x',
  registered_by: 'Ada',
  created_at: since,
  file_count: 3,
  total_bytes: 1000,
  used_by: 0,
  ...more,
})

export const figureOf = (
  more: Partial<ModelDetail['measured_figures'][number]> = {},
): ModelDetail['measured_figures'][number] => ({
  gpu: 'H100',
  gpu_count: 1,
  engine: 'vllm',
  engine_version: '0.8.5',
  precision: 'fp8',
  input_tokens: 1024,
  output_tokens: 256,
  concurrency: 16,
  output_tok_s: 2000,
  output_tok_s_per_gpu: 2000,
  ttft_ms: 120,
  tpot_ms: 8,
  source: 'a vendor’s page',
  ...more,
})

export const findingOf = (
  more: Partial<NonNullable<ModelDetail['scan']>['findings'][number]> = {},
): NonNullable<ModelDetail['scan']>['findings'][number] => ({
  path: 'model.pt',
  severity: 'block',
  action: 'block',
  waiver: null,
  scanner: 'formats',
  rule: 'pickle-global',
  message: 'names os.system',
  offset: 1024,
  evidence: 'os.system',
  ...more,
})

export const reportOf = (more: Partial<NonNullable<ModelDetail['scan']>> = {}): NonNullable<ModelDetail['scan']> => ({
  verdict: 'clean',
  started_at: since,
  ended_at: since,
  scanners: [{ name: 'formats', version: '2' }],
  policy: 'sha256:abc',
  file_count: 2,
  bytes: 1000,
  bytes_covered: 1000,
  findings: [],
  ...more,
})
