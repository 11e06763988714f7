import { engineFacts } from '@bud/engines'
import { describe, expect, it } from 'vitest'
import { gpus, smallModel } from '../testing/fixtures.ts'
import { BusyMeter } from './busy-meter.ts'
import { createHiddenTruth } from './hidden-truth.ts'
import { phaseAt, planStartup } from './startup-plan.ts'

describe('BusyMeter', () => {
  it('shows the mean of the last five whole seconds', () => {
    const meter = new BusyMeter()
    meter.add(10_000, 12_500)
    expect(meter.shareAt(15_000)).toBeCloseTo(0.5)
    expect(meter.shareAt(17_100)).toBeCloseTo(0.1)
    expect(meter.shareAt(60_000)).toBe(0)
  })

  it('reaches one under steady load and falls to nothing after it', () => {
    const meter = new BusyMeter()
    for (let ms = 0; ms < 30_000; ms += 20) meter.add(ms, ms + 20)
    expect(meter.shareAt(30_000)).toBeCloseTo(1)
    expect(meter.shareAt(40_000)).toBe(0)
  })
})

describe('planStartup', () => {
  const facts = engineFacts('vllm')

  it('takes time for bytes, and for the image only where it is missing', () => {
    const fresh = planStartup(facts, { weightsBytes: 16e9, imagePresent: false }, 1)
    const again = planStartup(facts, { weightsBytes: 16e9, imagePresent: true }, 1)
    const ms = (plan: typeof fresh, phase: string) => plan.find((one) => one.phase === phase)?.durationMs
    expect(ms(fresh, 'loading')).toBe(16_000)
    expect(ms(fresh, 'pulling')).toBe(25_000)
    expect(ms(again, 'pulling')).toBe(3000)
  })

  it('knows the phase at any moment', () => {
    const plan = planStartup(facts, { weightsBytes: 16e9, imagePresent: true }, 0.1)
    expect(phaseAt(plan, 0)?.current.phase).toBe('scheduling')
    expect(phaseAt(plan, 200)?.current.phase).toBe('pulling')
    expect(phaseAt(plan, 1e6)).toBeUndefined()
  })
})

describe('createHiddenTruth', () => {
  const meanStep = (gpu: string, seed: number) => {
    const truth = createHiddenTruth({ facts: smallModel, gpu, engine: 'vllm' }, seed)
    let sum = 0
    for (let i = 0; i < 2000; i++) sum += truth.stepMs({ decodeMs: 20, prefillMs: 0 })
    return sum / 2000
  }

  it('distorts each GPU in its own way, the same in every process', () => {
    const means = gpus.map(({ id }) => meanStep(id, 1))
    expect(new Set(means.map((mean) => mean.toFixed(1))).size).toBeGreaterThan(5)
    for (const mean of means) {
      expect(mean).toBeGreaterThan(17)
      expect(mean).toBeLessThan(28)
    }
    expect(meanStep('H100-SXM-80GB', 1) / meanStep('H100-SXM-80GB', 2)).toBeCloseTo(1, 1)
  })
})
