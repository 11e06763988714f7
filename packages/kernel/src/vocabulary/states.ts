/** State machines of architecture.md section 6; every state carries its reason and since when. */
import { z } from 'zod'
import { Reason, Timestamp } from './common.ts'

export const ModelVersionStateName = z.enum([
  'importing',
  'scanning',
  'available',
  'quarantined',
  'scan-incomplete',
  'failed',
  'archived',
])
export type ModelVersionStateName = z.infer<typeof ModelVersionStateName>

export const EndpointStateName = z.enum([
  'validating',
  'transferring',
  'starting',
  'verifying',
  'ready',
  'degraded',
  'updating',
  'scaling',
  'rolling-back',
  'failed',
  'deleting',
])
export type EndpointStateName = z.infer<typeof EndpointStateName>

const stateOf = <Name extends z.ZodType>(name: Name) =>
  z.object({
    name,
    since: Timestamp,
    reasons: z.array(Reason).describe('Why it is so; empty when nothing needs saying.'),
  })

export const ModelVersionState = stateOf(ModelVersionStateName)
export type ModelVersionState = z.infer<typeof ModelVersionState>
export const EndpointState = stateOf(EndpointStateName)
export type EndpointState = z.infer<typeof EndpointState>

export const ReplicaPhase = z.enum([
  'unschedulable',
  'scheduling',
  'pulling',
  'loading',
  'compiling',
  'warming',
  'ready',
  'draining',
  'crashed',
])
export type ReplicaPhase = z.infer<typeof ReplicaPhase>
