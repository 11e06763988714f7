/** States as icon tone and word. The words are those of the state machines; the tone says whether a person is needed. */
import type { EndpointStateName, ModelVersionStateName, ReplicaPhase } from '@bud/kernel'

/** good: as wanted · busy: on its way by itself · warn: look at it · bad: needs a person now · idle: nothing happens */
export type Tone = 'good' | 'busy' | 'warn' | 'bad' | 'idle'

const endpointTones: Record<EndpointStateName, Tone> = {
  validating: 'busy',
  transferring: 'busy',
  starting: 'busy',
  verifying: 'busy',
  ready: 'good',
  degraded: 'warn',
  updating: 'busy',
  scaling: 'busy',
  'rolling-back': 'warn',
  failed: 'bad',
  deleting: 'busy',
}

const modelTones: Record<ModelVersionStateName, Tone> = {
  importing: 'busy',
  scanning: 'busy',
  available: 'good',
  quarantined: 'bad',
  'scan-incomplete': 'warn',
  failed: 'bad',
  archived: 'idle',
}

const replicaTones: Record<ReplicaPhase, Tone> = {
  unschedulable: 'bad',
  scheduling: 'busy',
  pulling: 'busy',
  loading: 'busy',
  compiling: 'busy',
  warming: 'busy',
  ready: 'good',
  draining: 'idle',
  crashed: 'bad',
}

const stepTones = {
  pending: 'idle',
  running: 'busy',
  succeeded: 'good',
  skipped: 'idle',
  failed: 'bad',
  undone: 'warn',
} as const satisfies Record<string, Tone>

export type StepState = keyof typeof stepTones

export const endpointTone = (state: EndpointStateName): Tone => endpointTones[state]
export const modelTone = (state: ModelVersionStateName): Tone => modelTones[state]
export const replicaTone = (phase: ReplicaPhase): Tone => replicaTones[phase]
export const stepTone = (state: StepState): Tone => stepTones[state]

export const alertTone = (state: 'pending' | 'firing' | 'resolved'): Tone =>
  state === 'firing' ? 'bad' : state === 'pending' ? 'warn' : 'good'
