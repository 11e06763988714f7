/** Which replica takes a request: backend by weight, then the least busy replica that answers. */
import { isEjected, type UpstreamLoad } from './upstream-load.ts'

export interface Candidate {
  readonly id: string
  readonly load: UpstreamLoad
}

export interface WeightedBackend<C extends Candidate> {
  readonly weight: number
  readonly upstreams: readonly C[]
}

export interface ChoiceContext {
  /** Ids that this request has already failed on. */
  tried: readonly string[]
  nowMs: number
  /** Uniform in [0, 1). */
  random: () => number
}

/** Up to here every replica is looked at; above, two at random. */
const FULL_SCAN_MAX = 16

/**
 * A backend is chosen by weight among those with a replica that answers; if none has one, among those with any
 * untried replica, because a guess beats a refusal. undefined: nothing is left to try.
 */
export function chooseUpstream<C extends Candidate>(
  backends: readonly WeightedBackend<C>[],
  context: ChoiceContext,
): C | undefined {
  const untried = ({ id }: C) => !context.tried.includes(id)
  const answering = (candidate: C) => untried(candidate) && !isEjected(candidate.load, context.nowMs)
  const backend = pickByWeight(backends, answering, context)
  if (backend) return pickLeastBusy(backend.upstreams, answering, context)
  const ejected = pickByWeight(backends, untried, context)
  return ejected?.upstreams.filter(untried).reduce((a, b) => (b.load.ejectedUntilMs < a.load.ejectedUntilMs ? b : a))
}

function pickByWeight<C extends Candidate>(
  backends: readonly WeightedBackend<C>[],
  usable: (candidate: C) => boolean,
  { random }: ChoiceContext,
): WeightedBackend<C> | undefined {
  const only = backends.length === 1 ? backends[0] : undefined
  if (only) return only.weight > 0 && only.upstreams.some(usable) ? only : undefined
  const open = backends.filter(({ weight, upstreams }) => weight > 0 && upstreams.some(usable))
  let rest = random() * open.reduce((sum, { weight }) => sum + weight, 0)
  for (const backend of open) {
    rest -= backend.weight
    if (rest < 0) return backend
  }
  return open.at(-1)
}

function pickLeastBusy<C extends Candidate>(
  upstreams: readonly C[],
  usable: (candidate: C) => boolean,
  { random }: ChoiceContext,
): C | undefined {
  const start = Math.floor(random() * upstreams.length)
  if (upstreams.length > FULL_SCAN_MAX) {
    const other = Math.floor(random() * upstreams.length)
    const two = [upstreams[start], upstreams[other]].filter((candidate) => candidate !== undefined && usable(candidate))
    if (two.length > 0) return leastBusy(two as C[], 0)
  }
  return leastBusy(upstreams.filter(usable), start)
}

/** Ties go to the first from `start` on, so that equal replicas share the load. */
function leastBusy<C extends Candidate>(candidates: readonly C[], start: number): C | undefined {
  let best: C | undefined
  for (let i = 0; i < candidates.length; i++) {
    const candidate = candidates[(start + i) % candidates.length]
    if (candidate && (!best || candidate.load.inFlight < best.load.inFlight)) best = candidate
  }
  return best
}
