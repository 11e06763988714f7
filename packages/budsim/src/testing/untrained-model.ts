/** A trained model that has learnt nothing: the priors of the calibration, no trees, and intervals of its own. */
import type { Bounds } from '../domain/intervals/interval-model.ts'
import { emptyCalibration } from '../domain/physics/calibrated.ts'
import { coefficientsOf } from '../domain/physics/parameters.ts'
import { stepSpace } from '../domain/physics/step-calibration.ts'
import { ttftForms, ttftSpace } from '../domain/physics/ttft-calibration.ts'
import type { TrainedModel } from '../domain/trained-model.ts'

const within = (low: number, high: number): Bounds => ({ low: Math.log(low), high: Math.log(high) })
const targets = (widening: number) => ({
  tpot: within(0.9 / widening, 1.2 * widening),
  ttft: within(0.7 / widening, 1.6 * widening),
  output: within(0.85 / widening, 1.15 * widening),
})
const byNovelty = (widening: number) => ({
  measured: targets(widening),
  'new-engine': targets(1.2 * widening),
  'new-model': targets(1.2 * widening),
  'new-gpu': targets(1.2 * widening),
  'new-model-and-gpu': targets(1.4 * widening),
})

export const untrainedModel = (): TrainedModel => ({
  id: 'untrained',
  calibration: emptyCalibration((head) => {
    const step = stepSpace(head)
    const forms = ttftForms(head).map((form) => ttftSpace(head, form))
    return {
      step: coefficientsOf(step, step.start),
      ttft: forms.map((space) => coefficientsOf(space, space.start)),
    }
  }),
  residuals: { forests: [], seen: [] },
  intervals: {
    bounds: { 'closed-loop': byNovelty(1), 'closed-loop, waiting': byNovelty(1.5) },
    architectures: [],
    gpus: [],
  },
  training: { rows_sha256: '', kernels_sha256: '', rows: 0 },
})
