/** A row of a measurements table as it is asked about: who served what on what under which load, without any figure measured. */
import type { Reason } from '@bud/kernel'
import { createNearestNames, didYouMean, quoted } from '../nearest-names.ts'
import type { Scenario, ServingEngine } from '../physics/serving-case.ts'

export interface ServingRow {
  row_id: string
  /** Line of the file, the header being 1. */
  line: number
  engine: ServingEngine
  engine_version: string | null
  model: string
  gpu: string
  num_gpus: number
  tp: number | null
  pp: number | null
  ep: number | null
  dp: number | null
  attention_dp: boolean
  precision: string | null
  isl: number | null
  osl: number | null
  concurrency_or_batch: number | null
  /** Infinity: all at once. */
  request_rate: number | null
  max_num_seqs: number | null
  speculative: boolean
  scenario: Scenario
}

/** No count, length or rate of a row is larger. */
const MOST = 1e9

type Cells = Readonly<Record<string, string | undefined>>

const ENGINES: Readonly<Record<string, ServingEngine>> = {
  vllm: 'vllm',
  sglang: 'sglang',
  'tensorrt-llm': 'tensorrt-llm',
  trtllm: 'tensorrt-llm',
  tgis: 'tgis',
  'llama.cpp': 'llama.cpp',
  deepspeed: 'deepspeed',
  'deepspeed-mii': 'deepspeed-mii',
  'lmdeploy-turbomind': 'lmdeploy-turbomind',
  sambaflow: 'sambaflow',
}

const SCENARIOS: Readonly<Record<string, Scenario>> = {
  closed_loop_agg: 'closed-loop',
  closed_loop_disagg: 'disaggregated',
  open_loop: 'open-loop',
  offline_max: 'offline',
  saturation_capped: 'saturation',
  burst_all_at_once: 'burst',
  static_batch: 'static-batch',
}

/** The columns a prediction reads; every other column of the file is left alone. */
export const SERVING_COLUMNS = [
  'row_id',
  'engine',
  'engine_version',
  'model',
  'gpu',
  'num_gpus',
  'tp',
  'pp',
  'ep',
  'dp',
  'attn_dp',
  'precision',
  'isl',
  'osl',
  'concurrency_or_batch',
  'request_rate',
  'max_num_seqs',
  'spec_decode',
  'scenario',
] as const

export const REQUIRED_COLUMNS = ['row_id', 'engine', 'model', 'gpu', 'num_gpus', 'scenario'] as const

/**
 * Every problem of the row at once: code `unknown-engine` for an engine without rows, else `invalid-cell`. An empty cell
 * means "not stated" where the column is not required.
 */
export function parseServingRow(cells: Cells, line: number): { row: ServingRow } | { problems: Reason[] } {
  const problems: Reason[] = []
  const refuse = (column: string, message: string, code = 'invalid-cell') => {
    problems.push({ code, message: `Line ${line}, column ${column}: ${message}`, path: column })
  }
  const text = (column: string): string | null => cells[column]?.trim() || null
  const positive = (column: string, whole: boolean): number | null => {
    const raw = text(column)
    if (raw === null) return null
    const value = Number(raw)
    const fine = value > 0 && value <= MOST && (!whole || Number.isInteger(value))
    if (fine) return value
    const why = value > MOST ? `is more than ${MOST}` : `is not a positive ${whole ? 'whole ' : ''}number`
    refuse(column, `${quoted(raw)} ${why}.`)
    return null
  }
  const required = (column: string): string => {
    const value = text(column)
    if (value === null) refuse(column, 'is empty, but a prediction needs it.')
    return value ?? ''
  }
  const named = <T>(column: string, known: Readonly<Record<string, T>>): T | undefined => {
    const value = required(column)
    const key = value.toLowerCase()
    if (Object.hasOwn(known, key)) return known[key]
    const names = Object.keys(known)
    const nearest = didYouMean(createNearestNames(names)(value))
    if (value !== '') refuse(column, `${quoted(value)} is none of ${names.join(', ')}.${nearest}`, `unknown-${column}`)
    return undefined
  }
  const engine = named('engine', ENGINES)
  const scenario = named('scenario', SCENARIOS)
  const flag = (column: string): boolean => {
    const value = Number(text(column) ?? 0)
    if (Number.isNaN(value)) refuse(column, `"${text(column)}" is neither 0 nor 1.`)
    return value > 0
  }
  const gpus = positive('num_gpus', true)
  if (gpus === null && text('num_gpus') === null) refuse('num_gpus', 'is empty, but a prediction needs it.')
  const row = {
    row_id: required('row_id'),
    line,
    engine_version: text('engine_version'),
    model: required('model'),
    gpu: required('gpu'),
    num_gpus: gpus ?? 1,
    tp: positive('tp', true),
    pp: positive('pp', true),
    ep: positive('ep', true),
    dp: positive('dp', true),
    attention_dp: flag('attn_dp'),
    precision: text('precision'),
    isl: positive('isl', false),
    osl: positive('osl', false),
    concurrency_or_batch: positive('concurrency_or_batch', false),
    request_rate: requestRate(text('request_rate'), (message) => refuse('request_rate', message)),
    max_num_seqs: positive('max_num_seqs', true),
    speculative: flag('spec_decode'),
  }
  if (problems.length > 0 || engine === undefined || scenario === undefined) return { problems }
  return { row: { ...row, engine, scenario } }
}

function requestRate(raw: string | null, refuse: (message: string) => void): number | null {
  if (raw === null) return null
  if (/^\+?inf(inity)?$/i.test(raw)) return Number.POSITIVE_INFINITY
  const value = Number(raw)
  if (value > 0 && value <= MOST) return value
  refuse(`${quoted(raw)} is not a positive number (or inf: all requests at once).`)
  return null
}
