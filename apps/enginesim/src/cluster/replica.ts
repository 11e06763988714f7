/**
 * One replica's life: unschedulable → scheduling … warming → ready → draining → gone, with crashes and restarts. The
 * start is a plan of durations from one instant, so a process that comes back after a while finds the replica as far
 * on as it would have been: the cluster ran on while its simulator was away.
 */
import type { GpuSpec, ReplicaPhase } from '@bud/kernel'
import { LogRing } from '../domain/log-ring.ts'
import type { NodeShare } from '../domain/place-replica.ts'
import { type PlannedPhase, phaseAt, planStartup } from '../domain/startup-plan.ts'
import {
  createEngineRuntime,
  type EngineContext,
  type EngineRuntime,
  engineFactsOf,
  outOfMemory,
  type ReplicaModel,
  type RuntimeSize,
  sizeRuntime,
} from '../engine/runtime.ts'
import type { StoredReplica } from './release-store.ts'
import { errorLine, phaseLine, readyLine } from './startup-lines.ts'

/** In-flight requests of a removed replica have this long to end. */
const DRAIN_LIMIT_MS = 30_000
/** Kubernetes' back-off between restarts: doubled each time, at most five minutes. */
const RESTART_BASE_MS = 10_000
const RESTART_MOST_MS = 300_000

export interface ReplicaFaults {
  slowFactor: number
  hang: boolean
  errorRate: number
  outOfMemoryAtLoad: boolean
}

export const NO_FAULTS: ReplicaFaults = { slowFactor: 1, hang: false, errorRate: 0, outOfMemoryAtLoad: false }

type State =
  | { name: 'unschedulable'; message: string }
  | { name: 'starting'; startedMs: number; plan: PlannedPhase[] }
  | { name: 'ready' }
  | { name: 'crashed' }
  | { name: 'draining' }
  | { name: 'gone' }

export interface ReplicaIdentity {
  id: string
  release: string
  revision: number
  ordinal: number
  /** `gpu` is the first that the deployment allows; placement decides. */
  model: ReplicaModel
}

export interface ReplicaContext extends EngineContext {
  startupTimeFactor: number
  /** The replica crashed or restarted: worth remembering. */
  changed(): void
  /** It is gone, and its GPUs with it. */
  gone(): void
}

/** An answer under way, as the replica sees it. */
export interface InFlight {
  /** The process behind it died: the connection breaks. */
  destroy(): void
}

export class Replica {
  readonly identity: ReplicaIdentity
  readonly log = new LogRing()
  readonly #context: ReplicaContext
  #model: ReplicaModel
  #size: RuntimeSize
  readonly #inFlight = new Set<InFlight>()
  #state: State = { name: 'unschedulable', message: 'Waiting for the scheduler.' }
  #sinceMs: number
  #parts: readonly NodeShare[] = []
  #restarts = 0
  #lastFailure: string | null = null
  #imagePresent = false
  #faults: ReplicaFaults = NO_FAULTS
  #runtime: EngineRuntime | null = null
  #cancelTimer: () => void = () => {}

  constructor(identity: ReplicaIdentity, context: ReplicaContext) {
    this.identity = identity
    this.#context = context
    this.#model = identity.model
    this.#size = sizeRuntime(identity.model)
    this.#sinceMs = context.timers.nowMs()
  }

  get phase(): ReplicaPhase | 'gone' {
    return this.#state.name === 'starting' ? (this.#currentPhase()?.phase ?? 'warming') : this.#state.name
  }

  /** When the phase began, milliseconds since the epoch. */
  get sinceMs(): number {
    if (this.#state.name !== 'starting') return this.#sinceMs
    const elapsed = this.#context.timers.nowMs() - this.#state.startedMs
    return this.#state.startedMs + (phaseAt(this.#state.plan, elapsed)?.startedAfterMs ?? elapsed)
  }

  /** Why it is not ready; after a crash the reason stays until the replica is ready again. */
  get message(): string | null {
    return this.#state.name === 'unschedulable' ? this.#state.message : this.#lastFailure
  }

  get restarts(): number {
    return this.#restarts
  }

  get parts(): readonly NodeShare[] {
    return this.#parts
  }

  get faults(): ReplicaFaults {
    return this.#faults
  }

  get isPlaced(): boolean {
    return this.#parts.length > 0
  }

  /** What answers on the replica's address: nothing at all, 503 to everything, or the engine. */
  get listening(): 'no' | 'unavailable' | 'yes' {
    if (this.#state.name === 'ready') return 'yes'
    return this.#state.name === 'starting' && this.#currentPhase()?.health === 503 ? 'unavailable' : 'no'
  }

  /** Bytes the replica holds of each of its GPUs now. */
  get heldBytesPerGpu(): number {
    const phase = this.phase
    if (phase === 'ready' || phase === 'draining' || phase === 'warming') return this.#size.heldBytesPerGpu
    if (phase === 'compiling') return this.#size.weightsBytesPerGpu
    return phase === 'loading' ? this.#size.weightsBytesPerGpu / 2 : 0
  }

  /** Share of the last seconds in which its GPUs worked, 0–1. */
  busyShare(): number {
    return this.#runtime?.busy.shareAt(this.#context.timers.nowMs()) ?? 0
  }

  /** The running engine, made when it is first needed: an idle replica costs next to nothing. */
  runtime(): EngineRuntime {
    if (this.#runtime === null) {
      this.#runtime = createEngineRuntime(this.#model, this.#context, this.identity.id)
      this.#runtime.engine.setFaults(this.#faults)
    }
    return this.#runtime
  }

  refuse(message: string): void {
    this.#enter({ name: 'unschedulable', message })
  }

  get model(): ReplicaModel {
    return this.#model
  }

  place(parts: readonly NodeShare[], gpu: GpuSpec, imagePresent: boolean): void {
    this.#settle(parts, gpu)
    this.#imagePresent = imagePresent
    this.#start(this.#context.timers.nowMs())
  }

  /** Takes up where a stored replica must be by now. */
  restore(stored: StoredReplica, gpu: GpuSpec): void {
    this.#settle(stored.parts, gpu)
    this.#restarts = stored.restarts
    this.#imagePresent = stored.image_present
    this.#start(stored.started_at_ms)
  }

  store(): StoredReplica | null {
    if (!this.isPlaced) return null
    const { id, revision, ordinal } = this.identity
    return {
      id,
      revision,
      ordinal,
      parts: this.#parts.map(({ node, gpus }) => ({ node, gpus: [...gpus] })),
      started_at_ms: this.#startedMs,
      image_present: this.#imagePresent,
      restarts: this.#restarts,
    }
  }

  setFaults(faults: ReplicaFaults): void {
    this.#faults = faults
    this.#runtime?.engine.setFaults(faults)
  }

  /** The process dies now and is started again. */
  crash(message: string): void {
    if (this.#state.name === 'starting' || this.#state.name === 'ready') this.#fail(message)
  }

  track(inFlight: InFlight): () => void {
    this.#inFlight.add(inFlight)
    return () => {
      this.#inFlight.delete(inFlight)
      if (this.#state.name === 'draining' && this.#inFlight.size === 0) this.#leave()
    }
  }

  /** Takes no new requests; leaves when the last in flight has ended, or at the limit. */
  drain(): void {
    if (this.#state.name === 'draining' || this.#state.name === 'gone') return
    const hadRequests = this.#inFlight.size > 0
    this.#enter({ name: 'draining' })
    this.#say('INFO:     Shutting down')
    if (hadRequests) this.#cancelTimer = this.#context.timers.after(DRAIN_LIMIT_MS, () => this.#leave())
    else this.#leave()
  }

  #startedMs = 0

  #settle(parts: readonly NodeShare[], gpu: GpuSpec): void {
    this.#parts = parts
    this.#model = { ...this.identity.model, gpu }
    this.#size = sizeRuntime(this.#model)
  }

  #start(startedMs: number): void {
    const model = this.#model
    this.#startedMs = startedMs
    const tp = model.deployment.config.tensor_parallel_size * model.deployment.config.pipeline_parallel_size
    const size = { weightsBytes: this.#size.weightsBytesPerGpu * tp, imagePresent: this.#imagePresent }
    const plan = planStartup(engineFactsOf(model), size, this.#context.startupTimeFactor)
    this.#enter({ name: 'starting', startedMs, plan })
    this.#awaitPhaseEnd()
  }

  #awaitPhaseEnd(): void {
    if (this.#state.name !== 'starting') return
    const { startedMs, plan } = this.#state
    const now = this.#context.timers.nowMs()
    const at = phaseAt(plan, now - startedMs)
    if (at === undefined) {
      this.#becomeReady(startedMs + plan.reduce((sum, { durationMs }) => sum + durationMs, 0))
      return
    }
    const { current, endsAfterMs } = at
    this.#cancelTimer = this.#context.timers.after(startedMs + endsAfterMs - now, () => {
      if (current.phase === 'loading' && this.#failsToLoad()) return
      this.#say(phaseLine(current.phase, this.#lineFacts(current)))
      this.#awaitPhaseEnd()
    })
  }

  #failsToLoad(): boolean {
    const model = this.#model
    const failure = this.#faults.outOfMemoryAtLoad
      ? outOfMemory(model.gpu, this.#size.weightsBytesPerGpu)
      : this.#size.failure
    if (failure === null) return false
    this.#fail(failure)
    return true
  }

  #becomeReady(sinceMs: number): void {
    if (this.#size.failure !== null) {
      this.#fail(this.#size.failure)
      return
    }
    this.#imagePresent = true
    this.#lastFailure = null
    this.#enter({ name: 'ready' })
    this.#sinceMs = sinceMs
    this.#say(readyLine(this.#model.deployment.runtime))
  }

  #fail(message: string): void {
    this.#die()
    this.#lastFailure = message
    this.#enter({ name: 'crashed' })
    this.#say(errorLine(this.#model.deployment.runtime, message))
    const waitMs = Math.min(RESTART_BASE_MS * 2 ** this.#restarts, RESTART_MOST_MS) * this.#context.startupTimeFactor
    this.#restarts++
    this.#imagePresent = true
    this.#cancelTimer = this.#context.timers.after(waitMs, () => {
      this.#say(`Back-off over, restarting (restart ${this.#restarts})`)
      this.#start(this.#context.timers.nowMs())
      this.#context.changed()
    })
    this.#context.changed()
  }

  #leave(): void {
    this.#die()
    this.#enter({ name: 'gone' })
    this.#parts = []
    this.#context.gone()
  }

  #die(): void {
    this.#runtime?.engine.stop()
    this.#runtime = null
    for (const inFlight of [...this.#inFlight]) inFlight.destroy()
    this.#inFlight.clear()
  }

  #enter(state: State): void {
    this.#cancelTimer()
    this.#cancelTimer = () => {}
    this.#state = state
    this.#sinceMs = this.#context.timers.nowMs()
  }

  #currentPhase(): PlannedPhase | undefined {
    if (this.#state.name !== 'starting') return undefined
    return phaseAt(this.#state.plan, this.#context.timers.nowMs() - this.#state.startedMs)?.current
  }

  #lineFacts({ durationMs }: PlannedPhase) {
    const model = this.#model
    return {
      engine: model.deployment.runtime,
      version: engineFactsOf(model).version,
      model: model.servedModelName,
      weightsBytesPerGpu: this.#size.weightsBytesPerGpu,
      node: this.#parts.map(({ node }) => node).join(', '),
      seconds: durationMs / 1000 / this.#context.startupTimeFactor,
    }
  }

  #say(line: string): void {
    this.log.add(line)
  }
}
