/** What a deployment comes to where it leaves a field open. */
import { engineDefaults } from '@bud/engines'
import type { Deployment, GpuSpec, ModelFacts } from '@bud/kernel'
import { KV_BYTES, type KvFormat } from './kernels/roofline.ts'
import { servedKvFormat } from './physics/weight-formats.ts'

/** Tokens one engine step may hold: as deployed, else the engine's own default on this GPU. */
export const maxNumBatchedTokensOf = (deployment: Deployment, gpu: GpuSpec): number =>
  deployment.config.max_num_batched_tokens ?? engineDefaults(deployment.runtime, gpu).max_num_batched_tokens

/** Number format of the KV cache as the engine will hold it. */
export const kvFormatOf = ({ config, runtime }: Deployment, facts: ModelFacts): KvFormat =>
  servedKvFormat(config.kv_cache_dtype, facts.weight_precision, runtime)

export const kvBytesPerElement = (deployment: Deployment, facts: ModelFacts): number =>
  KV_BYTES[kvFormatOf(deployment, facts)]
