/**
 * The control protocol of a simulated cluster (apps/enginesim), as its driver in budcluster speaks it: JSON over
 * loopback HTTP, `Authorization: Bearer <token>` on everything below /control.
 *
 *   GET    /control/nodes                                  → SimulatedNodeStatus[]
 *   GET    /control/releases                               → SimulatedReleaseStatus[]
 *   GET    /control/releases/{name}                        → SimulatedReleaseStatus | 404
 *   PUT    /control/releases/{name}      SimulatedRelease  → SimulatedReleaseStatus; idempotent, survives a restart
 *   DELETE /control/releases/{name}                        → 204, also when there is none
 *   GET    /control/releases/{name}/logs?lines=100         → {replica_id, line}[]
 *   PUT    /control/releases/{name}/fault  SimulatedFault  → 204; `{}` clears
 *   GET    /nodes/{node}/metrics                           → DCGM-named Prometheus text (no token)
 *   ANY    /replicas/{replica id}/…                        → the engine's own HTTP interface (no token)
 */
import { z } from 'zod'
import { Timestamp } from './common.ts'
import { Deployment } from './deployment.ts'
import { ModelFacts } from './model-facts.ts'
import { ReplicaPhase } from './states.ts'

export const SimulatedNode = z.object({ name: z.string(), gpu_type: z.string(), gpu_count: z.number().int().min(0) })
export type SimulatedNode = z.infer<typeof SimulatedNode>

export const SimulatedNodeStatus = SimulatedNode.extend({
  allocations: z.array(z.object({ gpu: z.number().int(), release: z.string(), replica_id: z.string() })),
  metrics_url: z.url(),
})
export type SimulatedNodeStatus = z.infer<typeof SimulatedNodeStatus>

/** What the cluster should run under one name. Replicas of a group are named `<name>-r<revision>-<ordinal>`, ordinals from 0; fewer replicas remove the highest ordinals. */
export const SimulatedRelease = z.object({
  name: z.string(),
  endpoint_id: z.string(),
  served_model_name: z.string(),
  facts: ModelFacts,
  groups: z.array(z.object({ revision: z.number().int(), replicas: z.number().int().min(0), deployment: Deployment })),
})
export type SimulatedRelease = z.infer<typeof SimulatedRelease>

export const SimulatedReplica = z.object({
  id: z.string(),
  revision: z.number().int(),
  ordinal: z.number().int(),
  node: z.string().nullable(),
  gpus: z.array(z.number().int()),
  phase: ReplicaPhase,
  since: Timestamp,
  restarts: z.number().int(),
  message: z.string().nullable().describe('Why it is not ready, in the words of the scheduler or the engine.'),
  base_url: z.url(),
  metrics_url: z.url(),
})
export type SimulatedReplica = z.infer<typeof SimulatedReplica>

export const SimulatedReleaseStatus = z.object({
  name: z.string(),
  endpoint_id: z.string(),
  replicas: z.array(SimulatedReplica),
})
export type SimulatedReleaseStatus = z.infer<typeof SimulatedReleaseStatus>

export const SimulatedFault = z.strictObject({
  slow_factor: z.number().min(1).max(1000).optional().describe('Multiplies every step time.'),
  hang: z.boolean().optional().describe('Engine stops stepping while /health stays green, as dead engines do.'),
  error_rate: z.number().min(0).max(1).optional().describe('Share of requests answered with 500.'),
  crash: z.boolean().optional().describe('Replicas exit once now and restart.'),
  out_of_memory_at_load: z.boolean().optional().describe('Every start ends with CUDA out of memory.'),
})
export type SimulatedFault = z.infer<typeof SimulatedFault>
