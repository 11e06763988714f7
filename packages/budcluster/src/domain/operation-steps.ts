/** The steps an operation shows, in the order they happen. */
import type { UpdateStep } from './records.ts'

export const DEPLOY_STEPS = ['validate', 'transfer', 'start', 'verify', 'route'] as const
export const SCALE_UP_STEPS = ['start', 'verify', 'route'] as const
export const SCALE_DOWN_STEPS = ['route', 'drain', 'remove'] as const
export const DELETE_STEPS = ['withdraw', 'drain', 'remove', 'release'] as const

/** "start-1", "stop-1", "start-2" …: each start includes verification and routing, each stop draining. */
export function updateStepNames(steps: readonly UpdateStep[]): string[] {
  const numbers = { start: 0, stop: 0 }
  return steps.map(({ kind }) => `${kind}-${++numbers[kind]}`)
}
