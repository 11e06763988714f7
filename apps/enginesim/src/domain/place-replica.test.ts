import { describe, expect, it } from 'vitest'
import { type NodeCapacity, placeReplica } from './place-replica.ts'

const node = (name: string, gpuType: string, free: number): NodeCapacity => ({
  name,
  gpuType,
  freeGpus: Array.from({ length: free }, (_, i) => i),
})
const need = (tensorParallelSize: number, pipelineParallelSize = 1, gpuTypes = ['H100']) => ({
  gpuTypes,
  tensorParallelSize,
  pipelineParallelSize,
})

describe('placeReplica', () => {
  it('takes the emptiest node that will do', () => {
    const nodes = [node('a', 'H100', 3), node('b', 'H100', 6), node('c', 'A100', 8)]
    expect(placeReplica(nodes, need(2))).toEqual({ placed: true, parts: [{ node: 'b', gpus: [0, 1] }] })
  })

  it('never splits a tensor-parallel group over nodes', () => {
    const nodes = [node('a', 'H100', 3), node('b', 'H100', 3)]
    expect(placeReplica(nodes, need(4))).toMatchObject({ placed: false })
  })

  it('splits pipeline stages over nodes only when no node holds them all', () => {
    const nodes = [node('a', 'H100', 4), node('b', 'H100', 8)]
    expect(placeReplica(nodes, need(4, 2))).toMatchObject({ parts: [{ node: 'b', gpus: [0, 1, 2, 3, 4, 5, 6, 7] }] })
    expect(placeReplica(nodes, need(4, 3))).toMatchObject({
      parts: [
        { node: 'b', gpus: [0, 1, 2, 3, 4, 5, 6, 7] },
        { node: 'a', gpus: [0, 1, 2, 3] },
      ],
    })
  })

  it('refuses in the scheduler’s words', () => {
    const nodes = [node('a', 'H100', 0), node('b', 'H100', 1), node('c', 'A100', 8)]
    expect(placeReplica(nodes, need(2))).toEqual({
      placed: false,
      message:
        "0/3 nodes are available: 2 Insufficient nvidia.com/gpu, 1 node(s) didn't match Pod's node affinity/selector.",
    })
    expect(placeReplica([], need(1))).toEqual({
      placed: false,
      message: '0/0 nodes are available: the cluster has no nodes.',
    })
  })
})
