/** The form of a new simulated cluster as what is sent. */
import { ResourceName, type Stage } from '@bud/kernel'

export interface NodeGroup {
  /** Tells the rows of the form apart. */
  key: number
  count: number
  gpuType: string
  gpuCount: number
}

export interface NewCluster {
  name: string
  stage: Stage
  groups: NodeGroup[]
}

export const emptyCluster: NewCluster = {
  name: '',
  stage: 'staging',
  groups: [{ key: 0, count: 1, gpuType: 'H100-SXM-80GB', gpuCount: 8 }],
}

export function toCreateCluster({ name, stage, groups }: NewCluster) {
  return {
    name: name.trim(),
    kind: 'simulated' as const,
    stage,
    nodes: groups.map((group) => ({ count: group.count, gpu_type: group.gpuType, gpu_count: group.gpuCount })),
  }
}

/** What is wrong with the name, if anything. */
export function clusterNameProblem(name: string): string | undefined {
  const parsed = ResourceName.safeParse(name.trim())
  return parsed.success ? undefined : parsed.error.issues[0]?.message
}

/** A new row like the last one. */
export function withGroup(groups: readonly NodeGroup[]): NodeGroup[] {
  const last = groups.at(-1)
  const key = Math.max(-1, ...groups.map((group) => group.key)) + 1
  return [...groups, { count: 1, gpuType: 'H100-SXM-80GB', gpuCount: 8, ...last, key }]
}
