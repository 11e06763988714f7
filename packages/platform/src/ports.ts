/** What the packages above need from the machine room: a database, durable flows, operations, events, secrets. */
import type { Reason } from '@bud/kernel'
import type { NodePgDatabase } from 'drizzle-orm/node-postgres'

/** Drizzle over node-postgres; a server or the in-process PGlite behind the same pool. */
export type Queryable = NodePgDatabase<Record<string, never>>

export interface Database {
  /** For single statements outside a transaction. */
  readonly query: Queryable
  /**
   * One transaction. Everything inside uses `tx`: the pool may have one connection, so using `query`, another
   * `transact` or starting a flow inside is refused with an error instead of waiting for ever.
   */
  transact<T>(body: (tx: Queryable) => Promise<T>): Promise<T>
}

/** The handle a flow body gets. A body is deterministic: all effects are inside steps. */
export interface Run {
  /** The flow's id: equal on every resume. */
  readonly id: string
  /** Runs `effect` at least once and remembers its result: after a crash a finished step is not run again. */
  step<T>(name: string, effect: () => Promise<T>): Promise<T>
  /** Durable sleep. */
  sleep(ms: number): Promise<void>
}

export interface Flow<Input, Output> {
  readonly name: string
  body(run: Run, input: Input): Promise<Output>
}

export interface FlowRunner {
  /** Before `launch` only. */
  register<Input, Output>(flow: Flow<Input, Output>): void
  /** Starts, or joins the one that already has this id: never twice. Not inside `transact`. */
  start<Input, Output>(flow: Flow<Input, Output>, id: string, input: Input): Promise<void>
  /** Resolves when the flow has ended; rejects with its error. */
  result<Output>(id: string): Promise<Output>
  /** True once the flow has ended, in whichever way; false for one that was never started. */
  isOver(id: string): Promise<boolean>
  /** Starts executing; picks up flows that a crash left unfinished. */
  launch(): Promise<void>
  /** Stops executing; unfinished flows go on at the next launch. */
  shutdown(): Promise<void>
}

/** What a runner keeps of flows that are over. */
export interface FlowHistory {
  /** Drops the flows that ended before then, as if they had never been started. Once launched. */
  forgetEnded(beforeMs: number): Promise<void>
}

export type StepState = 'pending' | 'running' | 'succeeded' | 'skipped' | 'failed' | 'undone'

export interface StepProgress {
  done: number
  total: number
  unit: 'bytes' | 'replicas' | 'steps' | 'percent'
}

export interface OperationStep {
  name: string
  state: StepState
  started_at: string | null
  ended_at: string | null
  /** One sentence: what has happened, with figures. */
  message: string | null
  progress: StepProgress | null
}

export interface Operation {
  id: string
  project_id: string
  kind: string
  /** The id of what it works on. */
  subject_id: string
  state: 'running' | 'succeeded' | 'failed'
  created_by: string
  created_at: string
  ended_at: string | null
  reasons: Reason[]
  steps: OperationStep[]
}

/** The visible side of long work: one row per operation, updated as its flow goes; a flow's id is its operation's id. */
export interface Operations {
  /** Idempotent by `id`. May be called with a transaction, so that an operation and its subject appear together. */
  create(
    operation: {
      id: string
      project_id: string
      kind: string
      subject_id: string
      created_by: string
      steps: readonly string[]
    },
    tx?: Queryable,
  ): Promise<void>
  /** Idempotent; publishes `operation.changed`. */
  updateStep(id: string, step: string, change: Partial<Omit<OperationStep, 'name'>>): Promise<void>
  finish(id: string, state: 'succeeded' | 'failed', reasons?: readonly Reason[]): Promise<void>
  find(projectId: string, id: string): Promise<Operation | undefined>
  list(projectId: string, filter: { subject_id?: string | undefined; limit: number }): Promise<Operation[]>
  /** Drops the operations that ended before then. */
  forgetEnded(beforeMs: number): Promise<void>
}

/** Something a screen may want to know at once. Delivery is best effort: the database is the truth. */
export interface BudEvent {
  project_id: string
  type:
    | 'model.changed'
    | 'cluster.changed'
    | 'endpoint.changed'
    | 'operation.changed'
    | 'alert.changed'
    | 'optimization.changed'
    | 'route.changed'
    | 'refinement.changed'
  id: string
}

export interface EventBus {
  publish(event: BudEvent): void
  /** Ends when the signal aborts. A slow reader loses the oldest events, never blocks the publisher. */
  subscribe(projectId: string, signal: AbortSignal): AsyncIterable<BudEvent>
}

/** Encrypts small secrets at rest. */
export interface SecretBox {
  seal(plain: string): string
  /** Throws when the text was not sealed with this box's key. */
  open(sealed: string): string
}

/** A request that its sender may send again, not knowing whether the first one arrived. */
export interface RepeatableRequest {
  project_id: string
  /** Whose key it is: an answer may hold a secret, so it is given to nobody else. */
  caller: string
  /** e.g. "POST /endpoints". */
  route: string
  key: string
  /** Of the request's content: the same key with another content is a mistake. */
  digest: string
}

export interface KeptAnswer {
  status: number
  body: string
}

/** `claimed`: nobody has answered it yet, and the caller shall, within a minute; then the key may be claimed again. */
export type Claim =
  | { state: 'claimed'; claim_id: string }
  | { state: 'answered'; answer: KeptAnswer }
  | { state: 'under-way' }
  | { state: 'other-request' }

/** Makes a request act once however often it is sent: the answer is kept for 24 hours, encrypted. */
export interface Idempotency {
  /** Of requests that come at the same time, one gets the claim. */
  claim(request: RepeatableRequest): Promise<Claim>
  /** Without effect when the claim has passed to another in the meantime. */
  keep(claimId: string, answer: KeptAnswer): Promise<void>
  /** The request had no effect: its key is free again. */
  release(claimId: string): Promise<void>
  /** Drops what is older than 24 hours. */
  forgetOld(): Promise<void>
}

/** Where warnings go; a pino logger fits. */
export interface Log {
  info(fields: object, message: string): void
  warn(fields: object, message: string): void
  error(fields: object, message: string): void
}
