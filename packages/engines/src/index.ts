export { engineDefaults, engineFacts, engineMetricFamilies, engineVersions } from './domain/engine-facts.ts'
export type {
  EngineDefaults,
  EngineFacts,
  GpuForDefaults,
  MetricFamily,
  MetricSeries,
  MetricType,
  NormalisedMetrics,
  StartupPhase,
} from './domain/types.ts'
