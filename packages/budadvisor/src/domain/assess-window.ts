/** Whether a stretch of an endpoint's service is fit to be compared with a prediction, and as what. */
import type { EndpointStateName, Reason } from '@bud/kernel'
import type { MeasuredFigures, ObservedLoad } from './records.ts'

/** What an endpoint served between two moments, over all its replicas. */
export interface EndpointWindow {
  from_ms: number
  to_ms: number
  covered_s: number
  requests: number
  failed_requests: number
  /** Means in milliseconds. */
  ttft_ms: number | null
  tpot_ms: number | null
  prompt_tokens: number
  output_tokens: number
  /** Requests in flight: mean, waiting ones included. */
  in_flight: number | null
  waiting_max: number | null
  replicas: number
  /** The same replicas answered all the time. */
  steady: boolean
}

export interface WindowSubject {
  /** Of service that must be measured. */
  least_s: number
  state: EndpointStateName
  /** An operation is under way. */
  busy: boolean
  replicas: number
}

export type WindowVerdict =
  | { use: true; load: ObservedLoad; measured: MeasuredFigures }
  | { use: false; reason: Reason }

const LEAST_REQUESTS = 20
const MOST_FAILED = 0.05
/** Of the requests in flight: more waiting, and the window shows the queue instead of the engine. */
const MOST_WAITING = 0.5
const LEAST_OUTPUT_TOKENS = 2

export function assessWindow(window: EndpointWindow, subject: WindowSubject): WindowVerdict {
  const reason = objection(window, subject)
  if (reason) return { use: false, reason }
  const { requests, covered_s, replicas, in_flight } = window
  return {
    use: true,
    load: {
      input_tokens: Math.max(Math.round(window.prompt_tokens / requests), 1),
      output_tokens: Math.max(Math.round(window.output_tokens / requests), LEAST_OUTPUT_TOKENS),
      concurrency: Math.max((in_flight ?? 0) / replicas, 1),
      requests,
    },
    measured: {
      ttft_ms: window.ttft_ms,
      tpot_ms: window.tpot_ms,
      output_tokens_per_s: window.output_tokens / covered_s / replicas,
    },
  }
}

function objection(window: EndpointWindow, subject: WindowSubject): Reason | undefined {
  const because = (code: string, message: string): Reason => ({ code, message })
  const { requests, in_flight: inFlight, waiting_max: waiting } = window
  if (subject.state !== 'ready' || subject.busy) return because('in-change', 'The endpoint was being changed.')
  if (!window.steady || window.replicas !== subject.replicas)
    return because('unsteady', `Not the same ${subject.replicas} replica(s) answered all the time.`)
  if (window.covered_s < subject.least_s)
    return because('short', `Only ${Math.round(window.covered_s)} s of it were measured.`)
  if (requests < LEAST_REQUESTS)
    return because('few-requests', `${requests} requests are fewer than ${LEAST_REQUESTS}.`)
  if (window.failed_requests > MOST_FAILED * (requests + window.failed_requests))
    return because('errors', `${window.failed_requests} requests failed.`)
  if (window.output_tokens / requests < LEAST_OUTPUT_TOKENS)
    return because('no-decoding', 'Answers were of one token: nothing was decoded.')
  if (inFlight === null || (window.ttft_ms === null && window.tpot_ms === null))
    return because('untimed', 'The engine timed nothing.')
  if (waiting !== null && waiting > Math.max(MOST_WAITING * inFlight, 2))
    return because('saturated', `Up to ${waiting} requests waited for a place.`)
  return undefined
}
