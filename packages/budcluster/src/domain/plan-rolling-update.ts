/**
 * How one configuration replaces another under traffic.
 *
 * With free GPUs: start new replicas beside the old ones, a quarter of the endpoint at a time, then stop as many old
 * ones (surge). Without: stop the old replica with the highest ordinal to make room, as long as a ready one keeps
 * serving (one by one). When only the last ready one could make room: refused, with the numbers. Where none is ready
 * there is nothing to lose, and all may go.
 */
import type { Deployment, Reason } from '@bud/kernel'
import { addNodeGpus, gpuTotals, holdersOf, type NodeView } from './capacity.ts'
import { placeReplicas } from './place-replicas.ts'
import type { NodeGpus, UpdateStep } from './records.ts'

export interface RollingUpdateQuestion {
  endpoint_name: string
  cluster_name: string
  /** With the endpoint's own GPUs counted as used. */
  nodes: readonly NodeView[]
  /** By ordinal: what each old replica occupies. */
  old: readonly NodeGpus[][]
  /** Ordinals of the old replicas that can serve. */
  ready: readonly number[]
  next: { deployment: Deployment; gpu_type: string }
}

export type RollingUpdatePlan =
  | {
      ok: true
      strategy: 'surge' | 'one-by-one'
      steps: UpdateStep[]
      /** The most the endpoint needs on each node at any time: reserved until the update has ended, so it can go back. */
      peak: NodeGpus[]
      summary: string
    }
  | { ok: false; reasons: Reason[] }

const SURGE_SHARE = 0.25

export function planRollingUpdate(question: RollingUpdateQuestion): RollingUpdatePlan {
  const rollout = new Rollout(question)
  while (!rollout.isDone()) {
    if (!rollout.startNext() && !rollout.makeRoom()) return { ok: false, reasons: [refusal(question)] }
    rollout.stopReplaced()
  }
  const { strategy, steps, peak } = rollout
  return { ok: true, strategy, steps, peak, summary: summaryOf(question, strategy) }
}

/** The endpoint's shape as the plan goes, on a copy of the cluster's free GPUs. */
class Rollout {
  readonly steps: UpdateStep[] = []
  strategy: 'surge' | 'one-by-one' = 'surge'
  peak: NodeGpus[]
  readonly #question: RollingUpdateQuestion
  readonly #old: NodeGpus[][]
  readonly #next: NodeGpus[][] = []
  readonly #target: number
  readonly #minimumServing: number
  readonly #maximumRunning: number

  constructor(question: RollingUpdateQuestion) {
    const { old, next } = question
    this.#question = question
    this.#old = [...old]
    this.#target = next.deployment.replicas
    this.#minimumServing = Math.min(old.length, this.#target)
    this.#maximumRunning = Math.max(old.length, this.#target) + Math.max(1, Math.ceil(old.length * SURGE_SHARE))
    this.peak = addNodeGpus(...old)
  }

  isDone(): boolean {
    return this.#old.length === 0 && this.#next.length === this.#target
  }

  /** Starts as many new replicas as are missing, allowed and placeable; false when it is none. */
  startNext(): boolean {
    const allowed = this.#maximumRunning - this.#old.length - this.#next.length
    const missing = this.#target - this.#next.length
    for (let count = Math.min(missing, allowed); count > 0; count--) {
      const { placed } = placeReplicas({ ...this.#placementBase(), replicas: count })
      if (!placed) continue
      this.#next.push(...placed)
      this.steps.push({ kind: 'start', new_replicas: this.#next.length })
      this.#notePeak()
      return true
    }
    return false
  }

  /** Stops old replicas until a new one fits; false when that would leave nothing serving. */
  makeRoom(): boolean {
    const before = this.#old.length
    while (this.#old.length > this.#fewestOld()) {
      this.#old.pop()
      if (placeReplicas({ ...this.#placementBase(), replicas: 1 }).placed) break
    }
    if (this.#old.length === before || !placeReplicas({ ...this.#placementBase(), replicas: 1 }).placed) return false
    this.strategy = 'one-by-one'
    this.steps.push({ kind: 'stop', old_replicas: this.#old.length })
    return true
  }

  /** Stops the old replicas that new ones have taken over from. */
  stopReplaced(): void {
    const complete = this.#next.length === this.#target
    const keep = complete ? 0 : Math.max(this.#fewestOld(), this.#minimumServing - this.#next.length)
    if (keep >= this.#old.length) return
    this.#old.length = keep
    this.steps.push({ kind: 'stop', old_replicas: keep })
  }

  /** New replicas have answered before anything goes; until there is one, an old one that is ready stays. */
  #fewestOld(): number {
    const { ready } = this.#question
    return this.#next.length > 0 || ready.length === 0 ? 0 : Math.min(...ready) + 1
  }

  #placementBase() {
    const { cluster_name, nodes, old, next } = this.#question
    const usedBefore = new Map(addNodeGpus(...old).map(({ node, gpus }) => [node, gpus]))
    const usedNow = new Map(addNodeGpus(...this.#old, ...this.#next).map(({ node, gpus }) => [node, gpus]))
    return {
      cluster_name,
      gpu_type: next.gpu_type,
      deployment: next.deployment,
      nodes: nodes.map((node) => ({
        ...node,
        gpus_free: node.gpus_free + (usedBefore.get(node.name) ?? 0) - (usedNow.get(node.name) ?? 0),
      })),
    }
  }

  #notePeak(): void {
    const now = addNodeGpus(...this.#old, ...this.#next)
    const highest = new Map(this.peak.map(({ node, gpus }) => [node, gpus]))
    for (const { node, gpus } of now) highest.set(node, Math.max(highest.get(node) ?? 0, gpus))
    this.peak = [...highest].map(([node, gpus]) => ({ node, gpus }))
  }
}

function refusal({ endpoint_name, cluster_name, nodes, old, ready, next }: RollingUpdateQuestion): Reason {
  const perReplica = next.deployment.resources.gpu_count
  const total = gpuTotals(nodes).find((entry) => entry.gpu_type === next.gpu_type)
  const holders = holdersOf(nodes, next.gpu_type)
  return {
    code: 'no-room-to-update',
    message:
      `A replica of the new configuration needs ${perReplica} ${next.gpu_type}; on cluster "${cluster_name}" ${total?.free ?? 0} are free, at most ${total?.largest_free_on_a_node ?? 0} on one node, ` +
      (ready.length === 0
        ? `and stopping the ${old.length} replicas of "${endpoint_name}", of which none is ready, would not make room.`
        : `and no room can be made without the last one that serves of the ${old.length} replicas of "${endpoint_name}" (${ready.length} ready): traffic would stop.`),
    path: 'deployment.resources.gpu_count',
    evidence: holders ? `In use by ${holders}.` : undefined,
    next_step: `Free ${perReplica} ${next.gpu_type}, or delete the endpoint and deploy it again if an interruption is acceptable.`,
  }
}

function summaryOf({ old, next }: RollingUpdateQuestion, strategy: 'surge' | 'one-by-one'): string {
  const change = `${old.length} → ${next.deployment.replicas} replicas`
  return strategy === 'surge'
    ? `${change}: new replicas start beside the old ones.`
    : `${change}: no free GPUs, so one replica at a time makes room for its successor.`
}
