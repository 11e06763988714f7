/** What is known about an engine at a version: one look-up for probes, scrapers, predictors and simulators. */
import { type EngineName, invalidInput } from '@bud/kernel'
import { sglang } from './sglang.ts'
import { tensorrtLlm } from './tensorrt-llm.ts'
import type { EngineDefaults, EngineFacts, EngineProfile, GpuForDefaults, MetricFamily } from './types.ts'
import { vllm } from './vllm.ts'

const profiles: Record<EngineName, EngineProfile> = { vllm, sglang, 'tensorrt-llm': tensorrtLlm }

/** Versions whose flags and metrics are known, newest first. */
export const engineVersions = (engine: EngineName): readonly string[] => profileOf(engine).versions

/** Facts at `version`; without one, at the newest known. An unknown version answers with `known_version: false`. */
export function engineFacts(engine: EngineName, version?: string): EngineFacts {
  const { versions, facts } = profileOf(engine)
  const asked = version ?? versions[0] ?? ''
  return { engine, version: asked, known_version: versions.includes(asked), ...facts }
}

/** What the engine uses where a deployment says nothing, on this GPU. */
export const engineDefaults = (engine: EngineName, gpu: GpuForDefaults): EngineDefaults =>
  profileOf(engine).defaults(gpu)

/** Every family the engine's metrics path exposes; some bounds follow the longest context. */
export const engineMetricFamilies = (engine: EngineName, maxModelLen: number): readonly MetricFamily[] =>
  profileOf(engine).families(maxModelLen)

function profileOf(engine: EngineName): EngineProfile {
  const profile = profiles[engine]
  if (!profile) throw invalidInput(`Unknown engine "${engine}". Known: ${Object.keys(profiles).join(', ')}.`)
  return profile
}
