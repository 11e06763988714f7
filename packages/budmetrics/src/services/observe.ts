/** One round of observation: ask, evaluate, write down; and the loop that repeats it. */
import { messageOf } from '@bud/kernel'
import type { ScrapeTarget } from '../ports.ts'
import { AlertEvaluator } from './alert-evaluator.ts'
import type { Context } from './context.ts'
import { type MinuteOfEndpoint, pruneHistory, recordMinutes } from './record-minutes.ts'
import { setTargets } from './rules.ts'
import { scrapeTargets } from './scrape-targets.ts'

/** Of the listings an endpoint is missing from, every so many it is asked whether it still exists. */
const ASK_EVERY_MISSING = 3
/** Minutes kept for a database that does not answer; beyond, the oldest are lost. */
const MOST_UNWRITTEN = 20_000
const PRUNE_EVERY_MS = 3_600_000

export class Observer {
  readonly #context: Context
  readonly #evaluator: AlertEvaluator
  /** How often in a row each endpoint was missing from the listing. */
  readonly #missing = new Map<string, number>()
  #unwritten: MinuteOfEndpoint[] = []
  #prunedAtMs: number | undefined

  constructor(context: Context) {
    this.#context = context
    this.#evaluator = new AlertEvaluator(context)
  }

  async observe(): Promise<void> {
    const listed = await this.#context.targets.list()
    const present = new Set(listed.map((target) => target.endpoint_id))
    // Nothing can be asked of the others: a scrape without answers, so that their windows empty and gaps show.
    const silent = this.#context.endpoints
      .all()
      .filter(({ target }) => !present.has(target.endpoint_id))
      .map(({ target }) => ({ ...target, replicas: [], nodes: [] }))
    const targets = [...listed, ...silent]
    this.#keep(await scrapeTargets(this.#context, targets))
    await this.#applyTargets(listed)
    await this.#evaluator.evaluate(targets)
    await this.#endDeleted(present)
    await this.#write()
    await this.#prune()
  }

  /** Writes the minute under way too: nothing measured is lost by an orderly stop. */
  async finish(): Promise<void> {
    for (const state of this.#context.endpoints.all()) {
      const minute = state.takeOpenMinute()
      if (minute) this.#keep([{ target: state.target, minute }])
    }
    await this.#write()
  }

  #keep(minutes: readonly MinuteOfEndpoint[]): void {
    this.#unwritten = [...this.#unwritten, ...minutes].slice(-MOST_UNWRITTEN)
  }

  /** Targets of a deployment become thresholds when they are new or have changed. */
  async #applyTargets(listed: readonly ScrapeTarget[]): Promise<void> {
    for (const { project_id, endpoint_id, targets } of listed) {
      const state = this.#context.endpoints.get(endpoint_id)
      const json = JSON.stringify(targets)
      if (!state || !targets || state.appliedTargets === json) continue
      await setTargets(this.#context, { project_id, endpoint_id, targets })
      state.appliedTargets = json
    }
  }

  async #endDeleted(present: ReadonlySet<string>): Promise<void> {
    const known = [
      ...this.#context.endpoints.all().map((state) => state.target),
      ...(await this.#evaluator.endpoints()),
    ]
    const missing = new Map(known.flatMap((one) => (present.has(one.endpoint_id) ? [] : [[one.endpoint_id, one]])))
    for (const id of this.#missing.keys()) if (!missing.has(id)) this.#missing.delete(id)
    const deleted = new Set<string>()
    for (const [id, endpoint] of missing) {
      const times = (this.#missing.get(id) ?? 0) + 1
      this.#missing.set(id, times)
      if (times % ASK_EVERY_MISSING === 0 && (await this.#isDeleted(endpoint))) deleted.add(id)
    }
    if (deleted.size === 0) return
    await this.#evaluator.resolveDeleted(deleted)
    for (const id of deleted) this.#forget(id)
  }

  /** When it cannot be said, nothing is concluded. */
  async #isDeleted(endpoint: { project_id: string; endpoint_id: string }): Promise<boolean> {
    try {
      return !(await this.#context.targets.exists(endpoint))
    } catch (error) {
      this.#context.log.warn(
        { err: error, endpoint_id: endpoint.endpoint_id },
        `Metrics: it cannot be said whether endpoint ${endpoint.endpoint_id} still exists: ${messageOf(error)}`,
      )
      return false
    }
  }

  #forget(endpointId: string): void {
    const state = this.#context.endpoints.get(endpointId)
    const minute = state?.takeOpenMinute()
    if (state && minute) this.#keep([{ target: state.target, minute }])
    this.#context.endpoints.remove(endpointId)
    this.#missing.delete(endpointId)
  }

  async #write(): Promise<void> {
    if (this.#unwritten.length === 0) return
    const batch = this.#unwritten
    this.#unwritten = []
    try {
      await recordMinutes(this.#context, batch)
    } catch (error) {
      this.#keep(batch)
      throw error
    }
  }

  async #prune(): Promise<void> {
    const nowMs = this.#context.clock.nowMs()
    if (this.#prunedAtMs !== undefined && nowMs - this.#prunedAtMs < PRUNE_EVERY_MS) return
    this.#prunedAtMs = nowMs
    await pruneHistory(this.#context)
  }
}

/** Repeats `round` at a fixed pace until the signal aborts; a round that fails is logged, and the next one comes. */
export async function repeatRounds(
  { clock, log, settings }: Context,
  round: () => Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  const periodMs = settings.scrape_interval_s * 1000
  while (!signal.aborted) {
    const startedMs = clock.nowMs()
    await round().catch((error) => log.warn({ err: error }, `Metrics: a round failed: ${messageOf(error)}`))
    const restMs = Math.max(0, periodMs - (clock.nowMs() - startedMs))
    await clock.sleep(restMs, signal).catch(() => undefined)
  }
}
