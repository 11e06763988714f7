/** GPU use: no engine measures it, so it is read from the node's DCGM-named metrics. */
import type { Exposition } from './exposition.ts'

const UTILIZATION = 'DCGM_FI_DEV_GPU_UTIL'
export const gpuSampleNames: ReadonlySet<string> = new Set([UTILIZATION])

/** Percent by GPU index of one node. */
export type GpuReading = ReadonlyMap<number, number>

export function readGpus(exposition: Exposition): GpuReading {
  const samples = exposition.get(UTILIZATION) ?? []
  return new Map(samples.map(({ labels, value }) => [Number(labels.gpu), value]))
}

/** The mean over the named GPUs; null when none of them is measured. */
export function meanUtilization(readings: readonly { reading: GpuReading; gpus: readonly number[] }[]): number | null {
  const values = readings.flatMap(({ reading, gpus }) => gpus.flatMap((gpu) => reading.get(gpu) ?? []))
  return values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length
}
