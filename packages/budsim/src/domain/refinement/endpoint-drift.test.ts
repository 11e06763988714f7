import { describe, expect, it } from 'vitest'
import { createSeededRandom } from '../trees/seeded-random.ts'
import { BASELINE_WINDOWS } from './detect-drift.ts'
import { driftOf } from './endpoint-drift.ts'
import type { Observation } from './observation.ts'

const WINDOW_MS = 300_000

/** Loads that come and go over a day; errors that depend on the load, and noise. */
function windows(seed: number, length: number, shift: (i: number) => number): Observation[] {
  const random = createSeededRandom(seed)
  const gauss = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())
  return Array.from({ length }, (_, i) => {
    const lnBatch = 2.5 + 1.5 * Math.sin(i / 6)
    const error = 0.1 + 0.05 * lnBatch
    return {
      place: {
        architecture: '32|4096|0',
        gpu: 'H100-SXM-80GB',
        engine: 'vllm',
        engineVersion: '0.18.0',
        precision: 'bf16',
        head: 'closed-loop',
        tensorParallel: 1,
        dataParallel: 1,
        expertParallel: 1,
        lnBatch,
        lnInput: 7,
        lnOutput: 5.5,
        newModel: false,
        newGpu: false,
        familiar: true,
      },
      residuals: { tpot: error + shift(i) + 0.05 * gauss(), ttft: null, output: null },
      weight: 1,
      observedAtMs: i * WINDOW_MS,
    }
  })
}

describe('drift of an endpoint', () => {
  it('is not said while only its load changes', () => {
    const alarms = Array.from({ length: 40 }, (_, seed) => driftOf(windows(seed + 1, 200, () => 0))).filter(
      ({ drifting }) => drifting,
    )
    expect(alarms.length).toBeLessThanOrEqual(2)
  })

  it('of 20 % is seen within an hour, with its size', () => {
    const start = BASELINE_WINDOWS + 60
    const drift = driftOf(windows(7, start + 12, (i) => (i >= start ? Math.log(1.2) : 0)))
    expect(drift).toMatchObject({ drifting: true, target: 'tpot' })
    expect(Math.abs((drift.sinceMs ?? 0) / WINDOW_MS - start)).toBeLessThanOrEqual(3)
    expect((drift.to ?? 0) - (drift.from ?? 0)).toBeCloseTo(Math.log(1.2), 1)
  })

  it('is not said of a few windows', () => {
    expect(driftOf(windows(7, 5, () => 0))).toMatchObject({ drifting: false, sinceMs: null })
  })
})
