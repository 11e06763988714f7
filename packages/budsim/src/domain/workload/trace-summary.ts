/** What a trace of requests comes to: lengths, arrivals and how much of prompts was seen before. */
import { Workload } from '@bud/kernel'

export interface TraceRequest {
  input_tokens: number
  output_tokens: number
  /** Seconds since any moment; null where the trace says nothing of time. */
  arrival_s: number | null
  /** Tokens of the prompt that an unlimited prefix cache holds from earlier requests; null where nothing tells. */
  cached_tokens: number | null
}

export interface TraceSummary {
  workload: Workload
  requests: number
  /** From the first to the last arrival. */
  duration_s: number | null
}

export interface TraceTotals {
  add(request: TraceRequest): void
  /** Undefined when nothing was added. */
  summary(): TraceSummary | undefined
}

const MOST_SPREAD = 10
const MOST_SHARE = 0.99

export function createTraceTotals(): TraceTotals {
  const input = createMoments()
  const output = createMoments()
  const arrivals: number[] = []
  let cached = 0
  let cachedKnown = false
  return {
    add(request) {
      input.add(request.input_tokens)
      output.add(request.output_tokens)
      if (request.arrival_s !== null) arrivals.push(request.arrival_s)
      if (request.cached_tokens !== null) {
        cachedKnown = true
        cached += Math.min(request.cached_tokens, request.input_tokens)
      }
    },
    summary() {
      if (input.count() === 0) return undefined
      const times = arrivalsOf(arrivals)
      return {
        workload: Workload.parse({
          input_tokens: Math.max(Math.round(input.mean()), 1),
          output_tokens: Math.max(Math.round(output.mean()), 1),
          input_tokens_cv: rounded(Math.min(input.cv(), MOST_SPREAD)),
          output_tokens_cv: rounded(Math.min(output.cv(), MOST_SPREAD)),
          ...(cachedKnown && {
            prefix_cache_share: rounded(Math.min(cached / (input.mean() * input.count()), MOST_SHARE)),
          }),
          ...(times && { request_rate_per_s: rounded(times.rate), arrival_cv: rounded(times.cv) }),
        }),
        requests: input.count(),
        duration_s: times ? times.duration : null,
      }
    },
  }
}

/** Rate and spread of the gaps; undefined when too few arrivals, or all at once, tell nothing. */
function arrivalsOf(arrivals: readonly number[]): { rate: number; cv: number; duration: number } | undefined {
  const sorted = Float64Array.from(arrivals).sort()
  const duration = (sorted.at(-1) ?? 0) - (sorted[0] ?? 0)
  if (!(duration > 0)) return undefined
  const gaps = createMoments()
  for (let i = 1; i < sorted.length; i++) gaps.add((sorted[i] ?? 0) - (sorted[i - 1] ?? 0))
  return { rate: gaps.count() / duration, cv: Math.min(gaps.cv(), MOST_SPREAD), duration }
}

/** Mean and spread in one pass (Welford). */
function createMoments() {
  let count = 0
  let mean = 0
  let squares = 0
  return {
    add(value: number) {
      count++
      const delta = value - mean
      mean += delta / count
      squares += delta * (value - mean)
    },
    count: () => count,
    mean: () => mean,
    cv: () => (count > 1 && mean > 0 ? Math.sqrt(squares / (count - 1)) / mean : 0),
  }
}

const rounded = (value: number): number => Number(value.toPrecision(4))
