/** Cases, measured rows and prepared rows that tests of physics, training and evaluation are about. */
import type { GpuSpec, ModelFacts } from '@bud/kernel'
import { createCasePhysics } from '../domain/physics/case-physics.ts'
import type { ReplicaBuild, ReplicaLayout, ServingCase, ServingEngine } from '../domain/physics/serving-case.ts'
import { formatsOf } from '../domain/physics/weight-formats.ts'
import type { MeasuredRow } from '../domain/rows/measured-row.ts'
import type { ServingRow } from '../domain/rows/serving-row.ts'
import { gpuOf, kernels, LLAMA_8B } from './fixtures.ts'

export const casePhysics = createCasePhysics(kernels)

interface BuildQuery extends Partial<ReplicaLayout> {
  facts?: ModelFacts
  gpu?: GpuSpec
  engine?: ServingEngine
}

/** Llama 3.1 8B by vLLM on one H100, unless stated. */
export function buildOf(query: BuildQuery = {}): ReplicaBuild {
  const { facts = LLAMA_8B, gpu = gpuOf('H100-SXM-80GB'), engine = 'vllm', ...layout } = query
  return {
    facts,
    gpu,
    engine,
    layout: { tensorParallel: 1, pipelineParallel: 1, dataParallel: 1, expertParallel: 1, ...layout },
    formats: formatsOf(facts, gpu, engine, 'bf16'),
  }
}

/** A closed loop of 16 requests of 1024 → 256 tokens, unless stated. */
export const caseOf = (query: BuildQuery = {}, stated: Partial<ServingCase> = {}): ServingCase => ({
  build: buildOf(query),
  engineVersion: null,
  scenario: 'closed-loop',
  replicas: 1,
  inputTokens: 1024,
  cachedTokens: 0,
  outputTokens: 256,
  concurrency: 16,
  requestsPerS: null,
  maxNumSeqs: null,
  maxNumBatchedTokens: 8192,
  kvCacheBytes: 40e9,
  ...stated,
})

/** Llama 3.1 8B in a closed loop on one H100, unless stated. */
export const servingRowOf = (stated: Partial<ServingRow> = {}): ServingRow => ({
  row_id: 'row',
  line: 2,
  engine: 'vllm',
  engine_version: '0.10.0',
  model: 'meta-llama/Llama-3.1-8B-Instruct',
  gpu: 'H100-SXM-80GB',
  num_gpus: 1,
  tp: 1,
  pp: 1,
  ep: null,
  dp: null,
  attention_dp: false,
  precision: 'bf16',
  isl: 1024,
  osl: 256,
  concurrency_or_batch: 16,
  request_rate: null,
  max_num_seqs: null,
  speculative: false,
  scenario: 'closed-loop',
  ...stated,
})

export const measuredRowOf = (
  stated: Partial<ServingRow> = {},
  measured: Partial<MeasuredRow['measured']> = {},
): MeasuredRow => ({
  row: servingRowOf(stated),
  measured: { ttft_ms: null, tpot_ms: null, output_tok_s: null, ...measured },
  source: 'made',
})
