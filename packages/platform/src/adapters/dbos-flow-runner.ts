/**
 * Durable flows on DBOS. Domain code sees `Run` and `Flow` only; a flow's id is DBOS's workflow id, which is what
 * makes starting it twice the same as once.
 */
import { AsyncLocalStorage } from 'node:async_hooks'
import { createRequire } from 'node:module'
import { BudError, notFound, unavailable } from '@bud/kernel'
import type * as DbosModule from '@dbos-inc/dbos-sdk'
import type pg from 'pg'
import { reviveError } from '../domain/flow-error.ts'
import { type RetryPolicy, STEP_RETRIES, withRetries } from '../domain/retry-policy.ts'
import type { Flow, FlowHistory, FlowRunner, Log, Run } from '../ports.ts'
import { refusalInsideTransaction } from './transaction-context.ts'

type Dbos = typeof DbosModule.DBOS
type AnyFlow = Flow<unknown, unknown>
type Workflow = (input: unknown) => Promise<unknown>

export interface DbosFlowRunnerOptions {
  pool: pg.Pool
  /** Undefined for the in-process database: DBOS insists on a URL although it uses the pool. */
  databaseUrl?: string | undefined
  /** Flows left unfinished are picked up by the process that has the same id. */
  executorId: string
  /** Flows left unfinished under one version are not picked up under another: raise it only with a plan. */
  applicationVersion: string
  log: Log
  retries?: RetryPolicy
  /** How long `shutdown` waits for effects under way to end and be remembered. */
  shutdownGraceMs?: number
}

const IN_PROCESS_URL = 'postgres://pool@in-process:5432/pool'
const RESULT_POLL_MS = 200
const SHUTDOWN_GRACE_MS = 5_000
const FORGET_AT_ONCE = 500
const ENDED: DbosModule.WorkflowStatusString[] = ['SUCCESS', 'ERROR', 'CANCELLED']
const UNFINISHED: ReadonlySet<string> = new Set(['PENDING', 'ENQUEUED', 'DELAYED'])

export function createDbosFlowRunner(options: DbosFlowRunnerOptions): FlowRunner & FlowHistory {
  return new DbosFlowRunner(options)
}

class DbosFlowRunner implements FlowRunner, FlowHistory {
  readonly #options: DbosFlowRunnerOptions
  readonly #flows = new Map<string, AnyFlow>()
  readonly #workflows = new Map<string, Workflow>()
  readonly #results = new Map<string, Promise<unknown>>()
  readonly #effects = new Set<Promise<unknown>>()
  readonly #waiting = new Set<(reason: BudError) => void>()
  #dbos: Dbos | undefined
  #stopping = false
  /** Runs a call outside the caller's transaction, step and request contexts. */
  #outside: <T>(call: () => T) => T = (call) => call()

  constructor(options: DbosFlowRunnerOptions) {
    this.#options = options
  }

  register<Input, Output>(flow: Flow<Input, Output>): void {
    if (this.#dbos) throw new BudError('internal', `Flow "${flow.name}" is registered after the flows were launched.`)
    if (this.#flows.has(flow.name)) throw new BudError('internal', `Flow "${flow.name}" is registered twice.`)
    this.#flows.set(flow.name, flow as unknown as AnyFlow)
  }

  async launch(): Promise<void> {
    if (this.#dbos) throw new BudError('internal', 'The flows are launched twice.')
    const require = createRequire(import.meta.url)
    const { DBOS }: typeof DbosModule = require('@dbos-inc/dbos-sdk')
    for (const flow of this.#flows.values()) {
      const body = (input: unknown) => flow.body(this.#createRun(DBOS), input)
      this.#workflows.set(flow.name, DBOS.registerWorkflow(body, { name: flow.name }))
    }
    const { pool, databaseUrl, executorId, applicationVersion, log } = this.#options
    DBOS.setConfig({
      name: 'bud-foundry',
      systemDatabasePool: pool,
      systemDatabaseUrl: databaseUrl ?? IN_PROCESS_URL,
      useListenNotify: databaseUrl !== undefined,
      applicationVersion,
      executorID: executorId,
      logger: toDbosLogger(log),
    })
    this.#outside = AsyncLocalStorage.snapshot()
    await DBOS.launch()
    this.#dbos = DBOS
  }

  async start<Input, Output>(flow: Flow<Input, Output>, id: string, input: Input): Promise<void> {
    const refusal = refusalInsideTransaction('Starting a flow')
    if (refusal) throw refusal
    const dbos = this.#launched()
    const workflow = this.#workflows.get(flow.name)
    if (!workflow) throw new BudError('internal', `Flow "${flow.name}" was not registered before launch.`)
    const handle = await this.#outside(() => dbos.startWorkflow(workflow, { workflowID: id })(input))
    if (this.#results.has(id)) return
    const result = this.#outside(() => handle.getResult({ pollingIntervalMs: RESULT_POLL_MS }))
    this.#results.set(id, result)
    const forget = () => this.#results.delete(id)
    result.then(forget, forget)
  }

  async result<Output>(id: string): Promise<Output> {
    const dbos = this.#launched()
    try {
      const started = this.#results.get(id)
      if (started) return (await this.#unlessStopped(started)) as Output
      if (!(await dbos.getWorkflowStatus(id))) throw notFound('flow', id)
      const result = dbos.retrieveWorkflow<Output>(id).getResult({ pollingIntervalMs: RESULT_POLL_MS })
      return (await this.#unlessStopped(result)) as Output
    } catch (error) {
      throw reviveError(error)
    }
  }

  async isOver(id: string): Promise<boolean> {
    const found = await this.#launched().getWorkflowStatus(id)
    return found !== null && !UNFINISHED.has(found.status)
  }

  async forgetEnded(beforeMs: number): Promise<void> {
    const dbos = this.#launched()
    const completedBefore = new Date(beforeMs).toISOString()
    for (let more = true; more; ) {
      const ended = await this.#outside(() =>
        dbos.listWorkflows({
          status: ENDED,
          completedBefore,
          limit: FORGET_AT_ONCE,
          loadInput: false,
          loadOutput: false,
        }),
      )
      if (ended.length > 0) await this.#outside(() => dbos.deleteWorkflows(ended.map(({ workflowID }) => workflowID)))
      more = ended.length === FORGET_AT_ONCE
    }
  }

  async shutdown(): Promise<void> {
    this.#stopping = true
    const dbos = this.#dbos
    if (!dbos) return
    for (const reject of this.#waiting) reject(stopped())
    await settledWithin(this.#effects, this.#options.shutdownGraceMs ?? SHUTDOWN_GRACE_MS)
    await dbos.shutdown({ deregister: true })
    this.#dbos = undefined
  }

  async #unlessStopped<T>(result: Promise<T>): Promise<T> {
    const { promise: stop, reject } = Promise.withResolvers<never>()
    this.#waiting.add(reject)
    try {
      return await Promise.race([result, stop])
    } finally {
      this.#waiting.delete(reject)
    }
  }

  #launched(): Dbos {
    if (!this.#dbos) throw new BudError('unavailable', 'The flows are not running: launch them first.')
    return this.#dbos
  }

  #createRun(dbos: Dbos): Run {
    const id = dbos.workflowID
    if (id === undefined) throw new BudError('internal', 'A flow body runs outside DBOS.')
    return {
      id,
      step: (name, effect) => this.#step(dbos, name, effect),
      sleep: (ms) => dbos.sleep(ms),
    }
  }

  async #step<T>(dbos: Dbos, name: string, effect: () => Promise<T>): Promise<T> {
    if (this.#stopping) return parked()
    const done = dbos.runStep(() => this.#attempt(effect), { name })
    this.#effects.add(done)
    try {
      return await done
    } catch (error) {
      // A step that failed while we stop says nothing about the flow: it is run again at the next launch.
      if (this.#stopping) return parked()
      throw reviveError(error)
    } finally {
      this.#effects.delete(done)
    }
  }

  async #attempt<T>(effect: () => Promise<T>): Promise<T> {
    const retries = this.#options.retries ?? STEP_RETRIES
    try {
      return await withRetries(effect, retries, (ms) => new Promise((resolve) => setTimeout(resolve, ms)))
    } catch (error) {
      if (this.#stopping) return parked()
      throw error
    }
  }
}

const stopped = () => unavailable('Foundry is stopping; the flow goes on at the next start.')

/** Never settles: what waits for it goes on at the next launch. */
const parked = (): Promise<never> => new Promise(() => {})

async function settledWithin(promises: ReadonlySet<Promise<unknown>>, ms: number): Promise<void> {
  const { promise: late, resolve } = Promise.withResolvers<void>()
  const timer = setTimeout(resolve, ms)
  await Promise.race([Promise.allSettled(promises), late])
  clearTimeout(timer)
}

/** What DBOS warns of at a shutdown with flows under way is what is meant to happen here. */
const EXPECTED_WARNING = 'Shutting down while'

function toDbosLogger(log: Log): DbosModule.DLogger {
  return {
    debug() {},
    info() {},
    warn(entry) {
      const message = String(entry)
      if (!message.startsWith(EXPECTED_WARNING)) log.warn({ source: 'dbos' }, message)
    },
    error(entry, metadata) {
      if (!isOutcome(metadata?.error)) log.error({ source: 'dbos', err: metadata?.error }, String(entry))
    },
  }
}

/** A flow's own error reaches whoever asks for its result; only what nobody foresaw belongs in the log. */
function isOutcome(error: unknown): boolean {
  const revived = reviveError(error)
  return revived instanceof BudError && revived.code !== 'internal'
}
