/** Coefficients of every head from measured rows: robust least squares of log errors under priors. */
import { type Calibration, emptyCalibration, isClosedLoop } from './calibrated.ts'
import type { Head } from './heads.ts'
import { fitLeastSquares } from './least-squares.ts'
import { type Coefficients, coefficientsOf, type ParameterSpace, priorResiduals } from './parameters.ts'
import { decodingThroughput, type Subject, stepSpace, stepTimes, tpotMs } from './step-calibration.ts'
import { type FirstTokenSubject, firstTokenMs, firstTokenSubject, ttftForms, ttftSpace } from './ttft-calibration.ts'

export interface MeasuredSubject {
  subject: Subject
  /** Natural logarithms; null = not measured. */
  logTtft: number | null
  logTpot: number | null
  logOutput: number | null
  weight: number
}

const SOFTNESS = 0.1
const STEPS = { step: 12, ttft: 18 } as const
/** First tokens further off than this waited for something that their rows do not tell. */
const MOST_TTFT_ERROR = 1
/** Fewer rows than this say less than the priors. */
const LEAST_ROWS = 10

export function fitCalibration(rows: readonly MeasuredSubject[]): Calibration {
  return emptyCalibration((head) => {
    const own = rows.filter((row) => row.subject.head === head)
    const step = fitStep(head, own)
    return { step, ttft: ttftForms(head).map((form) => fitTtft(ttftSpace(head, form), own, step)) }
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
    dataCount: count,
    priorCount: space.size,
    softness: SOFTNESS,
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
  const first = fitFirstTokens(space, timed, space.start)
  const k = coefficientsOf(space, first)
  const credible = timed.filter((row) => Math.abs(Math.log(firstTokenMs(k, row.first)) - row.log) < MOST_TTFT_ERROR)
  return coefficientsOf(space, fitFirstTokens(space, credible, first))
}

interface TimedFirstToken {
  first: FirstTokenSubject
  log: number
  weight: number
}

function fitFirstTokens(space: ParameterSpace, rows: readonly TimedFirstToken[], start: Float64Array): Float64Array {
  return fitLeastSquares({
    start,
    dataCount: rows.length,
    priorCount: space.size,
    softness: SOFTNESS,
    steps: STEPS.ttft,
    residuals(parameters, into) {
      const k = coefficientsOf(space, parameters)
      rows.forEach(({ first, weight, log }, i) => {
        into[i] = weight * (Math.log(firstTokenMs(k, first)) - log)
      })
      priorResiduals(space, parameters, into, rows.length)
    },
  })
}
