/**
 * Continuous batching, step by step, as vLLM V1 schedules (vllm/v1/core/sched/scheduler.py): running sequences first,
 * each with one token or its next chunk of prompt; then waiting ones while the batch, the token budget and the KV
 * cache have room. When a running one cannot grow, the youngest is preempted: it gives up its blocks and computes
 * everything again. No clock in here: the driver says when a step ended.
 */
import { KvPool, PrefixIndex } from './kv-pool.ts'
import { PREFIX_BLOCK_TOKENS } from './prompt.ts'

/** What is to be generated. */
export interface Sequence {
  promptTokens: number
  prefixBlocks: readonly number[]
  maxTokens: number
  /** The request streams, and asked for so many choices: engines keep statistics of both. */
  streamed: boolean
  choices: number
  /** One token is out; true ends the sequence here. */
  emit(atMs: number): boolean
  /** Called once, unless the sequence was aborted. */
  finished(reason: FinishReason, atMs: number): void
}

export type FinishReason = 'stop' | 'length'

/** A sequence inside the engine. `computed` tokens have their keys and values in the cache. */
export interface ActiveSequence {
  readonly sequence: Sequence
  readonly arrivedMs: number
  computed: number
  generated: number
  blocks: number
  cachedTokens: number
  preemptions: number
  scheduledMs: number | null
  firstTokenMs: number | null
  lastTokenMs: number | null
  state: 'waiting' | 'running' | 'done'
}

export interface StepPlan {
  items: readonly { active: ActiveSequence; tokens: number }[]
  /** Prompt tokens computed in this step, and the mean context they attend to. */
  prefillTokens: number
  prefillContextTokens: number
  decodeBatch: number
  meanContextTokens: number
}

/** Told what happens, for metrics. */
export interface BatchObserver {
  prefixLookedUp(queriedTokens: number, hitTokens: number): void
  preempted(active: ActiveSequence): void
  firstToken(active: ActiveSequence): void
  token(active: ActiveSequence, gapMs: number): void
  finished(active: ActiveSequence, reason: FinishReason): void
}

export interface BatchLimits {
  maxNumSeqs: number
  maxNumBatchedTokens: number
  kvCapacityTokens: number
  kvBlockTokens: number
  prefixCaching: boolean
}

export class Batcher {
  readonly kv: KvPool
  readonly #limits: BatchLimits
  readonly #observer: BatchObserver
  readonly #prefixes: PrefixIndex | null
  readonly #running: ActiveSequence[] = []
  readonly #waiting: ActiveSequence[] = []

  constructor(limits: BatchLimits, observer: BatchObserver) {
    this.#limits = limits
    this.#observer = observer
    this.kv = new KvPool(limits.kvCapacityTokens, limits.kvBlockTokens)
    this.#prefixes = limits.prefixCaching
      ? new PrefixIndex(Math.floor(limits.kvCapacityTokens / PREFIX_BLOCK_TOKENS))
      : null
  }

  get running(): number {
    return this.#running.length
  }

  get waiting(): number {
    return this.#waiting.length
  }

  add(sequence: Sequence, atMs: number): ActiveSequence {
    const active: ActiveSequence = {
      sequence,
      arrivedMs: atMs,
      computed: 0,
      generated: 0,
      blocks: 0,
      cachedTokens: 0,
      preemptions: 0,
      scheduledMs: null,
      firstTokenMs: null,
      lastTokenMs: null,
      state: 'waiting',
    }
    this.#waiting.push(active)
    return active
  }

  /** Frees the sequence's slot and blocks at once; a step under way ignores it. */
  abort(active: ActiveSequence): void {
    if (active.state === 'done') return
    remove(active.state === 'running' ? this.#running : this.#waiting, active)
    this.#leave(active)
  }

  /** Ends everything without a word to the sequences: the engine is gone. */
  clear(): void {
    for (const active of [...this.#running, ...this.#waiting]) this.abort(active)
  }

  /** What the next step computes; undefined when there is nothing to do. */
  plan(atMs: number): StepPlan | undefined {
    const items: { active: ActiveSequence; tokens: number }[] = []
    const budget = this.#scheduleRunning(items)
    if (budget.preempted === 0) this.#admitWaiting(items, budget.left, atMs)
    return items.length === 0 ? undefined : describe(items)
  }

  /** The planned step has ended: tokens leave, finished sequences free their room. */
  finish(plan: StepPlan, atMs: number): void {
    for (const { active, tokens } of plan.items) {
      if (active.state !== 'running') continue
      active.computed += tokens
      if (active.computed === totalTokens(active)) this.#produce(active, atMs)
    }
  }

  #scheduleRunning(items: { active: ActiveSequence; tokens: number }[]): { left: number; preempted: number } {
    let left = this.#limits.maxNumBatchedTokens
    let preempted = 0
    for (let i = 0; i < this.#running.length && left > 0; i++) {
      const active = this.#running[i]
      if (active === undefined) break
      const tokens = Math.min(totalTokens(active) - active.computed, left)
      while (active.state === 'running' && !this.kv.grow(active, active.computed + tokens)) {
        this.#preemptYoungest()
        preempted++
      }
      if (active.state !== 'running') break
      items.push({ active, tokens })
      left -= tokens
    }
    return { left, preempted }
  }

  #admitWaiting(items: { active: ActiveSequence; tokens: number }[], budget: number, atMs: number): void {
    let left = budget
    while (left > 0 && this.#running.length < this.#limits.maxNumSeqs) {
      const active = this.#waiting[0]
      if (active === undefined) return
      const cached = this.#cachedTokens(active)
      const tokens = Math.min(totalTokens(active) - cached, left)
      if (!this.kv.grow(active, cached + tokens)) return
      this.#waiting.shift()
      this.#running.push(active)
      active.state = 'running'
      active.computed = cached
      active.cachedTokens = cached
      if (active.scheduledMs === null) {
        active.scheduledMs = atMs
        this.#observer.prefixLookedUp(active.sequence.promptTokens, cached)
      }
      items.push({ active, tokens })
      left -= tokens
    }
  }

  /** Tokens that need no computing; the last one always does, or there would be nothing to sample from. */
  #cachedTokens({ sequence }: ActiveSequence): number {
    if (this.#prefixes === null) return 0
    const hits = this.#prefixes.lookUp(sequence.prefixBlocks)
    const most = Math.floor((sequence.promptTokens - 1) / PREFIX_BLOCK_TOKENS)
    return Math.min(hits, most) * PREFIX_BLOCK_TOKENS
  }

  #preemptYoungest(): void {
    const victim = this.#running.pop()
    if (victim === undefined) return
    this.kv.release(victim)
    victim.computed = 0
    victim.preemptions++
    victim.state = 'waiting'
    this.#waiting.unshift(victim)
    this.#observer.preempted(victim)
  }

  #produce(active: ActiveSequence, atMs: number): void {
    active.generated++
    if (active.firstTokenMs === null) {
      active.firstTokenMs = atMs
      this.#prefixes?.add(active.sequence.prefixBlocks)
      this.#observer.firstToken(active)
    } else this.#observer.token(active, atMs - (active.lastTokenMs ?? atMs))
    active.lastTokenMs = atMs
    const stopped = active.sequence.emit(atMs)
    if (active.state !== 'running') return
    if (!stopped && active.generated < active.sequence.maxTokens) return
    const reason = stopped ? 'stop' : 'length'
    remove(this.#running, active)
    this.#leave(active)
    this.#observer.finished(active, reason)
    active.sequence.finished(reason, atMs)
  }

  #leave(active: ActiveSequence): void {
    this.kv.release(active)
    active.state = 'done'
  }
}

const totalTokens = (active: ActiveSequence) => active.sequence.promptTokens + active.generated

function describe(items: readonly { active: ActiveSequence; tokens: number }[]): StepPlan {
  let prefillTokens = 0
  let prefillContext = 0
  let decodeBatch = 0
  let context = 0
  for (const { active, tokens } of items) {
    if (active.generated > 0 && tokens === 1) {
      decodeBatch++
      context += active.computed + 1
    } else {
      prefillTokens += tokens
      prefillContext += tokens * (active.computed + tokens / 2)
    }
  }
  return {
    items,
    prefillTokens,
    prefillContextTokens: prefillTokens === 0 ? 0 : prefillContext / prefillTokens,
    decodeBatch,
    meanContextTokens: decodeBatch === 0 ? 0 : context / decodeBatch,
  }
}

function remove(list: ActiveSequence[], active: ActiveSequence): void {
  const at = list.indexOf(active)
  if (at >= 0) list.splice(at, 1)
}
