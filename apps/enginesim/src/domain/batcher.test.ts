import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Batcher, type BatchLimits, type BatchObserver, type FinishReason, type Sequence } from './batcher.ts'

const silent: BatchObserver = {
  prefixLookedUp() {},
  preempted() {},
  firstToken() {},
  token() {},
  finished() {},
}

const limits = (over: Partial<BatchLimits> = {}): BatchLimits => ({
  maxNumSeqs: 4,
  maxNumBatchedTokens: 64,
  kvCapacityTokens: 1024,
  kvBlockTokens: 16,
  prefixCaching: false,
  ...over,
})

interface Track {
  sequence: Sequence
  tokens: number
  reason: FinishReason | null
}

function track(
  promptTokens: number,
  maxTokens: number,
  stopAfter = Number.POSITIVE_INFINITY,
  prefixBlocks: number[] = [],
): Track {
  const tracked: Track = {
    tokens: 0,
    reason: null,
    sequence: {
      promptTokens,
      prefixBlocks,
      maxTokens,
      streamed: false,
      choices: 1,
      emit: () => ++tracked.tokens >= stopAfter,
      finished(reason) {
        tracked.reason = reason
      },
    },
  }
  return tracked
}

/** Steps until nothing is left to do; the number of steps. */
function run(batcher: Batcher, eachStep: () => void = () => {}): number {
  let steps = 0
  for (let plan = batcher.plan(steps); plan !== undefined; plan = batcher.plan(steps)) {
    eachStep()
    batcher.finish(plan, ++steps)
    if (steps > 100_000) throw new Error('the batch never ends')
  }
  return steps
}

describe('Batcher', () => {
  it('gives the first token when the whole prompt is computed, and one more each step', () => {
    const batcher = new Batcher(limits({ maxNumBatchedTokens: 32 }), silent)
    const one = track(100, 3)
    batcher.add(one.sequence, 0)
    const counts: number[] = []
    run(batcher, () => counts.push(one.tokens))
    expect(counts).toEqual([0, 0, 0, 0, 1, 2])
    expect(one).toMatchObject({ tokens: 3, reason: 'length' })
  })

  it('decodes running sequences before it takes in waiting prompts', () => {
    const batcher = new Batcher(limits({ maxNumBatchedTokens: 20 }), silent)
    batcher.add(track(20, 10).sequence, 0)
    batcher.finish(batcher.plan(0) ?? fail(), 1)
    batcher.add(track(100, 10).sequence, 1)
    expect(batcher.plan(1)).toMatchObject({ decodeBatch: 1, prefillTokens: 19 })
  })

  it('keeps sequences waiting beyond max_num_seqs', () => {
    const batcher = new Batcher(limits({ maxNumSeqs: 2 }), silent)
    for (let i = 0; i < 5; i++) batcher.add(track(4, 4).sequence, 0)
    batcher.plan(0)
    expect([batcher.running, batcher.waiting]).toEqual([2, 3])
  })

  it('preempts the youngest when the cache is full, and loses no token of it', () => {
    const batcher = new Batcher(limits({ kvCapacityTokens: 128 }), silent)
    const all = [track(48, 60), track(48, 60)]
    const active = all.map(({ sequence }) => batcher.add(sequence, 0))
    run(batcher)
    expect(active[0]?.preemptions).toBe(0)
    expect(active[1]?.preemptions).toBeGreaterThan(0)
    expect(all.map(({ tokens }) => tokens)).toEqual([60, 60])
  })

  it('computes a known prefix only once, but always the last block', () => {
    const batcher = new Batcher(limits({ prefixCaching: true }), silent)
    const first = batcher.add(track(48, 1, undefined, [1, 2, 3]).sequence, 0)
    run(batcher)
    const again = batcher.add(track(48, 1, undefined, [1, 2, 3]).sequence, 0)
    run(batcher)
    const other = batcher.add(track(48, 1, undefined, [1, 9, 8]).sequence, 0)
    run(batcher)
    expect([first.cachedTokens, again.cachedTokens, other.cachedTokens]).toEqual([0, 32, 16])
  })

  it('frees the slot and the blocks of an aborted sequence at once, even in the middle of a step', () => {
    const batcher = new Batcher(limits({ maxNumSeqs: 1 }), silent)
    const gone = track(40, 100)
    const next = track(8, 2)
    const active = batcher.add(gone.sequence, 0)
    batcher.add(next.sequence, 0)
    const plan = batcher.plan(0) ?? fail()
    batcher.abort(active)
    expect([batcher.running, batcher.kv.usedBlocks]).toEqual([0, 0])
    batcher.finish(plan, 1)
    expect(gone.tokens).toBe(0)
    run(batcher)
    expect(next.reason).toBe('length')
  })

  it('holds its invariants for any arrivals, aborts and limits', () => {
    const arrival = fc.record({
      prompt: fc.integer({ min: 1, max: 120 }),
      max: fc.integer({ min: 1, max: 60 }),
      stopAfter: fc.option(fc.integer({ min: 1, max: 60 }), { nil: undefined }),
      atStep: fc.integer({ min: 0, max: 30 }),
      abortAfter: fc.option(fc.integer({ min: 0, max: 40 }), { nil: undefined }),
      prefix: fc.array(fc.integer({ min: 1, max: 3 }), { maxLength: 7 }),
    })
    const shape = fc.record({
      maxNumSeqs: fc.integer({ min: 1, max: 6 }),
      maxNumBatchedTokens: fc.integer({ min: 8, max: 200 }),
      kvCapacityTokens: fc.integer({ min: 192, max: 600 }),
      kvBlockTokens: fc.constantFrom(1, 16),
      prefixCaching: fc.boolean(),
    })
    fc.assert(
      fc.property(shape, fc.array(arrival, { minLength: 1, maxLength: 12 }), (bounds, arrivals) => {
        const batcher = new Batcher(bounds, silent)
        const tracked = arrivals.map((a) => ({
          ...a,
          track: track(a.prompt, a.max, a.stopAfter, a.prefix.slice(0, Math.floor(a.prompt / 16))),
          active: undefined as ReturnType<Batcher['add']> | undefined,
        }))
        for (let step = 0; step < 5000; step++) {
          for (const one of tracked) {
            if (one.atStep === step) one.active = batcher.add(one.track.sequence, step)
            if (one.active && one.abortAfter !== undefined && step === one.atStep + one.abortAfter)
              batcher.abort(one.active)
          }
          const plan = batcher.plan(step)
          expect(batcher.running).toBeLessThanOrEqual(bounds.maxNumSeqs)
          expect(batcher.kv.usedBlocks).toBeLessThanOrEqual(batcher.kv.totalBlocks)
          if (plan === undefined) {
            if (step > 30) break
            continue
          }
          const tokens = plan.items.reduce((sum, item) => sum + item.tokens, 0)
          expect(tokens).toBeLessThanOrEqual(bounds.maxNumBatchedTokens)
          expect(tokens).toBe(plan.prefillTokens + plan.decodeBatch)
          batcher.finish(plan, step)
        }
        expect([batcher.running, batcher.waiting, batcher.kv.usedBlocks]).toEqual([0, 0, 0])
        for (const { track: end, max, stopAfter = Number.POSITIVE_INFINITY, abortAfter } of tracked) {
          if (end.reason === null) expect(abortAfter).toBeDefined()
          else
            expect([end.tokens, end.reason]).toEqual([Math.min(max, stopAfter), stopAfter <= max ? 'stop' : 'length'])
        }
      }),
      { numRuns: 300, seed: 7 },
    )
  })
})

function fail(): never {
  throw new Error('the batch should have had something to do')
}
