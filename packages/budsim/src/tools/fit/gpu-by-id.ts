/** The catalogue entry of a measured GPU; throws where there is none. */
import type { GpuSpec } from '@bud/kernel'

export type GpuById = (id: string) => GpuSpec

export function createGpuById(gpus: readonly GpuSpec[]): GpuById {
  return (id) => {
    const gpu = gpus.find((candidate) => candidate.id === id)
    if (gpu === undefined) throw new Error(`The tables measure ${id}, which gpus.csv lacks`)
    return gpu
  }
}
