/** Nodes and GPU counts as they are stated → the nodes that a search places replicas on. */
import type { FreeNode } from '../../domain/plan-placement.ts'

export interface StatedCapacity {
  nodes?: readonly { name?: string | undefined; count: number; gpu_type: string; gpus: number }[] | undefined
  /** GPU type → how many. */
  gpus?: Readonly<Record<string, number>> | undefined
}

/** GPUs stated without nodes are taken to sit together by so many. */
const GPUS_PER_NODE = 8

/** `resolve` answers undefined, and keeps the problem, where a type is not known. */
export function nodesOf(
  { nodes, gpus }: StatedCapacity,
  resolve: (text: string, path: string) => string | undefined,
): FreeNode[] {
  const stated = (nodes ?? []).flatMap((node, i) => {
    const gpuType = resolve(node.gpu_type, `nodes.${i}.gpu_type`)
    const name = node.name ?? `node-${i + 1}`
    const names = node.count === 1 ? [name] : Array.from({ length: node.count }, (_, n) => `${name}-${n + 1}`)
    return gpuType === undefined ? [] : names.map((one) => ({ name: one, gpu_type: gpuType, free: node.gpus }))
  })
  return [
    ...stated,
    ...Object.entries(gpus ?? {}).flatMap(([text, count]) => {
      const gpuType = resolve(text, `gpus.${text}`)
      return gpuType === undefined ? [] : usualNodes(gpuType, count)
    }),
  ]
}

const usualNodes = (gpuType: string, count: number): FreeNode[] =>
  Array.from({ length: Math.ceil(count / GPUS_PER_NODE) }, (_, i) => ({
    name: `${gpuType.toLowerCase()}-${i + 1}`,
    gpu_type: gpuType,
    free: Math.min(GPUS_PER_NODE, count - i * GPUS_PER_NODE),
  }))
