/** How long each phase of a replica's start takes: bytes over rates, from the engine's facts. */
import type { EngineFacts, StartupPhase } from '@bud/engines'

export interface PlannedPhase {
  phase: StartupPhase['phase']
  health: StartupPhase['health']
  durationMs: number
}

export interface StartupSize {
  weightsBytes: number
  /** The image already lies on the node. */
  imagePresent: boolean
}

/** `factor` scales every phase: 1 is a real cluster, 0.02 a demonstration. */
export function planStartup(facts: EngineFacts, size: StartupSize, factor: number): PlannedPhase[] {
  return facts.startup.map(({ phase, health, fixed_s, bytes_per_s, moves }) => {
    const bytes =
      moves === 'weights' ? size.weightsBytes : moves === 'image' && !size.imagePresent ? facts.image_bytes : 0
    const seconds = fixed_s + (bytes_per_s === null ? 0 : bytes / bytes_per_s)
    return { phase, health, durationMs: seconds * 1000 * factor }
  })
}

/** Which phase it is `elapsedMs` after the start, and when the next begins; undefined once ready. */
export function phaseAt(
  plan: readonly PlannedPhase[],
  elapsedMs: number,
): { current: PlannedPhase; startedAfterMs: number; endsAfterMs: number } | undefined {
  let start = 0
  for (const current of plan) {
    const end = start + current.durationMs
    if (elapsedMs < end) return { current, startedAfterMs: start, endsAfterMs: end }
    start = end
  }
  return undefined
}
