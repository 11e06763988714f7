/** Models as a Foundry tells of them; a test says what matters to it. */
import type { ModelDetail, ModelSummary, ModelVersion, ScanReport } from '@bud/contract'

const AT = '2026-01-01T00:00:00.000Z'
const state = (name: 'available' | 'quarantined'): ModelSummary['state'] => ({ name, since: AT, reasons: [] })

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
  state: state('available'),
  has_files: true,
  measured: null,
  created_at: AT,
  ...more,
})

export const versionOf = (number: number, more: Partial<ModelVersion> = {}): ModelVersion => ({
  id: `mver-${number}`,
  number,
  state: state('available'),
  aliases: [],
  digest: 'd'.repeat(64),
  source_path: `s3://models/v${number}`,
  registered_by: 'Ada',
  created_at: AT,
  file_count: 2,
  total_bytes: 1000,
  used_by: 0,
  ...more,
})

export const detailOf = (name: string, more: Partial<ModelDetail> = {}): ModelDetail => ({
  ...summaryOf(name),
  description: null,
  facts: null,
  source_path: 's3://models/v1',
  pinned_source: null,
  registered_by: 'Ada',
  conflicts: [],
  digest: 'd'.repeat(64),
  file_count: 2,
  total_bytes: 1000,
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
  versions: [versionOf(1)],
  used_by: [],
  sources: [],
  operation_id: null,
  ...more,
})

export const reportOf = (more: Partial<ScanReport> = {}): ScanReport => ({
  verdict: 'clean',
  started_at: AT,
  ended_at: AT,
  scanners: [
    { name: 'formats', version: '2' },
    { name: 'clamd', version: 'ClamAV 1.4' },
  ],
  policy: 'abc',
  file_count: 2,
  bytes: 1000,
  bytes_covered: 1000,
  findings: [],
  ...more,
})

export const findingOf = (more: Partial<ScanReport['findings'][number]> = {}): ScanReport['findings'][number] => ({
  path: 'x.pkl',
  severity: 'block',
  action: 'block',
  waiver: null,
  scanner: 'formats',
  rule: 'pickle-global',
  message: 'x.pkl names os.system.',
  offset: 12,
  evidence: 'os.system',
  ...more,
})
