/** One round of observation: ask, evaluate, write down; and the loop that repeats it. */
import { messageOf } from '@bud/kernel'
import type { ScrapeTarget } from '../ports.ts'
import { AlertEvaluator } from './alert-evaluator.ts'
import type { Context } from './context.ts'
import { type MinuteOfEndpoint, pruneHistory, recordMinutes } from './record-minutes.ts'
import { scrapeTargets } from './scrape-targets.ts'

/** Listings in a row an endpoint must be missing from before it counts as deleted. */
const MISSING_LISTINGS = 3
/** Minutes kept for a database that does not answer; beyond, the oldest are lost. */
const MOST_UNWRITTEN = 20_000
const PRUNE_EVERY_MS = 3_600_000

export class Observer {
  readonly #context: Context
  readonly #evaluator: AlertEvaluator
  /** How often in a row each endpoint was missing. */
  readonly #missing = new Map<string, number>()
  #unwritten: MinuteOfEndpoint[] = []
  #prunedAtMs: number | undefined

  constructor(context: Context) {
    this.#context = context
    this.#evaluator = new AlertEvaluator(context)
  }

  async observe(): Promise<void> {
    const targets = await this.#context.targets.list()
    this.#keep(await scrapeTargets(this.#context, targets))
    await this.#evaluator.evaluate(targets)
    await this.#endDeleted(targets)
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

  async #endDeleted(targets: readonly ScrapeTarget[]): Promise<void> {
    const present = new Set(targets.map((target) => target.endpoint_id))
    const known = [
      ...this.#context.endpoints.all().map((state) => state.target.endpoint_id),
      ...(await this.#evaluator.endpointIds()),
    ]
    for (const id of present) this.#missing.delete(id)
    for (const id of new Set(known)) if (!present.has(id)) this.#missing.set(id, (this.#missing.get(id) ?? 0) + 1)
    const deleted = new Set([...this.#missing].filter(([, times]) => times >= MISSING_LISTINGS).map(([id]) => id))
    if (deleted.size === 0) return
    await this.#evaluator.resolveDeleted(deleted)
    for (const id of deleted) this.#forget(id)
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
