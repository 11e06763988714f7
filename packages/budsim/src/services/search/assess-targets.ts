/** Does a prediction hold the limits, and by how much not? */
import type { Prediction, Reason } from '@bud/kernel'
import { rate } from './formats.ts'
import type { Limit, Limits } from './limits.ts'
import type { Miss } from './search-types.ts'

/** A limit is held when it is met to the last digit that people write. */
const TOLERANCE = 1e-9

/** ln(value ÷ limit) turned so that 0 = held. */
function excessOf({ sense, limit, reached }: Limit, prediction: Prediction): number {
  const value = reached(prediction)
  const excess = Math.log(sense === 'at most' ? value / limit : limit / value)
  return excess > TOLERANCE ? excess : 0
}

/** Sum of the logarithms by which limits are missed: 0 = all held, 0.1 ≈ 10 % in all. */
export function violationOf(limits: readonly Limit[], prediction: Prediction): number {
  let sum = 0
  for (const limit of limits) sum += excessOf(limit, prediction)
  return sum
}

export function missesOf(limits: readonly Limit[], prediction: Prediction, context: Limits): Miss[] {
  return limits.flatMap((limit) => {
    const excess = excessOf(limit, prediction)
    if (excess === 0) return []
    const reason =
      limit.constraint === 'load' ? overload(limit, prediction, context) : missReason(limit, prediction, context)
    return [{ constraint: limit.constraint, excess, reached: limit.reached(prediction), reason }]
  })
}

/** " (predicted 480 ms, with 80 % confidence under 640 ms)" where confidence made a difference. */
function confidenceNote(limit: Limit, prediction: Prediction, { confidence }: Limits): string {
  const [reached, predicted] = [limit.reached(prediction), limit.predicted(prediction)]
  if (Math.abs(Math.log(reached / predicted)) < 1e-6) return ''
  return ` with ${Math.round(confidence * 100)} % confidence (${limit.format(predicted)} predicted)`
}

function overload(limit: Limit, prediction: Prediction, context: Limits): Reason {
  const wanted = context.workload.request_rate_per_s
  const message =
    wanted === undefined
      ? `Requests wait for a free place: only ${Math.floor(prediction.batch_per_replica)} per replica run at once.`
      : prediction.saturated
        ? `The load of ${rate(wanted)} requests/s exceeds the ${rate(limit.reached(prediction))} that can be served: the queue grows without end.`
        : `The load of ${rate(wanted)} requests/s is not surely served: at least ${limit.format(limit.reached(prediction))}${confidenceNote(limit, prediction, context)}.`
  return { code: limit.code, message, path: 'workload', next_step: 'Allow more replicas or a lower load.' }
}

function missReason(limit: Limit, prediction: Prediction, context: Limits): Reason {
  const value = limit.reached(prediction)
  const percent = Math.round(Math.abs(value / limit.limit - 1) * 100)
  const reached = `${limit.format(value)}${confidenceNote(limit, prediction, context)}`
  return {
    code: limit.code,
    message: `${limit.what} would be ${reached}; the limit is ${limit.sense} ${limit.format(limit.limit)} (${percent < 1 ? 'under 1' : percent} % off).`,
    path: `targets.${limit.constraint}`,
    evidence: `${limit.what}: ${limit.format(limit.predicted(prediction))} predicted, ${limit.format(limit.limit)} wanted.`,
    next_step: `A limit of ${limit.format(value)} would hold.`,
  }
}
