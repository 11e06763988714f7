/** Coefficients of every head from measured rows: robust least squares of log errors under priors. */
import { type Calibration, emptyCalibration, isClosedLoop } from './calibrated.ts'
import type { Head } from './heads.ts'
import { fitLeastSquares } from './least-squares.ts'
import { type Coefficients, coefficientsOf, type ParameterSpace, priorResiduals } from './parameters.ts'
import { decodingThroughput, type Subject, stepSpace, stepTimes, tpotMs } from './step-calibration.ts'
import { firstTokenMs, firstTokenSubject, TTFT_FORMS, ttftSpace } from './ttft-calibration.ts'

export interface MeasuredSubject {
  subject: Subject
  /** Natural logarithms; null = not measured. */
  logTtft: number | null
  logTpot: number | null
  logOutput: number | null
  weight: number
}

const STEP_SOFTNESS = 0.1
const TTFT_SOFTNESS = 0.2
const STEPS = { step: 12, ttft: 18 } as const
/** Fewer rows than this say less than the priors. */
const LEAST_ROWS = 10

export function fitCalibration(rows: readonly MeasuredSubject[]): Calibration {
  return emptyCalibration((head) => {
    const own = rows.filter((row) => row.subject.head === head)
    const step = fitStep(head, own)
    return { step, ttft: TTFT_FORMS.map((form) => fitTtft(ttftSpace(head, form), own, step)) }
  })
}

/** Rows whose throughput the steps alone explain. */
const throughputTells = (head: Head, { subject }: MeasuredSubject): boolean =>
  (head === 'static-batch' || head === 'offline') && !isClosedLoop(subject.case)

function fitStep(head: Head, rows: readonly MeasuredSubject[]): Coefficients {
  const space = stepSpace(head)
  const timed = rows.filter((row) => row.logTpot !== null)
  const rated = rows.filter((row) => row.logOutput !== null && throughputTells(head, row))
  const count = timed.length + rated.length
  if (count <= LEAST_ROWS) return coefficientsOf(space, space.start)
  const vector = fitLeastSquares({
    start: space.start,
    count: count + space.size,
    softness: STEP_SOFTNESS,
    steps: STEPS.step,
    residuals(parameters, into) {
      const k = coefficientsOf(space, parameters)
      let i = 0
      for (const { subject, weight, logTpot } of timed) {
        into[i++] = weight * (Math.log(tpotMs(head, stepTimes(k, subject))) - (logTpot ?? 0))
      }
      for (const { subject, weight, logOutput } of rated) {
        into[i++] = weight * (Math.log(decodingThroughput(subject, stepTimes(k, subject))) - (logOutput ?? 0))
      }
      priorResiduals(space, parameters, into, count)
    },
  })
  return coefficientsOf(space, vector)
}

function fitTtft(space: ParameterSpace, rows: readonly MeasuredSubject[], step: Coefficients): Coefficients {
  const timed = rows.flatMap((row) =>
    row.logTtft === null
      ? []
      : [{ ...row, log: row.logTtft, first: firstTokenSubject(row.subject, stepTimes(step, row.subject)) }],
  )
  if (timed.length < LEAST_ROWS) return coefficientsOf(space, space.start)
  const vector = fitLeastSquares({
    start: space.start,
    count: timed.length + space.size,
    softness: TTFT_SOFTNESS,
    steps: STEPS.ttft,
    residuals(parameters, into) {
      const k = coefficientsOf(space, parameters)
      timed.forEach(({ first, weight, log }, i) => {
        into[i] = weight * (Math.log(firstTokenMs(k, first)) - log)
      })
      priorResiduals(space, parameters, into, timed.length)
    },
  })
  return coefficientsOf(space, vector)
}
