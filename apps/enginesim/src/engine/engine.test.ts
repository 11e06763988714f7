import { beforeEach, describe, expect, it } from 'vitest'
import { Batcher, type BatchObserver, type Sequence } from '../domain/batcher.ts'
import { BusyMeter } from '../domain/busy-meter.ts'
import { VirtualTimers } from '../testing/virtual-timers.ts'
import { Engine } from './engine.ts'

const STEP_MS = 10
const silent: BatchObserver = { prefixLookedUp() {}, preempted() {}, firstToken() {}, token() {}, finished() {} }

let timers: VirtualTimers
let batcher: Batcher
let engine: Engine
let aborted: number

beforeEach(() => {
  timers = new VirtualTimers()
  const limits = {
    maxNumSeqs: 2,
    maxNumBatchedTokens: 100,
    kvCapacityTokens: 1600,
    kvBlockTokens: 16,
    prefixCaching: false,
  }
  batcher = new Batcher(limits, silent)
  aborted = 0
  const busy = new BusyMeter()
  engine = new Engine({
    batcher,
    timers,
    busy,
    requestOverheadMs: 5,
    stepMs: () => STEP_MS,
    stepped() {},
    aborted: () => void aborted++,
  })
})

function submit(maxTokens = 3) {
  const started = timers.nowMs()
  const tokensAt: number[] = []
  const sequence: Sequence = {
    promptTokens: 10,
    prefixBlocks: [],
    maxTokens,
    streamed: true,
    choices: 1,
    emit(atMs) {
      tokensAt.push(atMs - started)
      return false
    },
    finished() {},
  }
  return { tokensAt, submission: engine.submit([sequence]) }
}

describe('Engine', () => {
  it('lets tokens out as steps end, and has no timer when there is nothing to do', () => {
    const { tokensAt } = submit()
    timers.advance(100)
    expect(tokensAt).toEqual([15, 25, 35])
    expect(timers.pending).toBe(0)
  })

  it('frees the slot when the client goes away', () => {
    const first = submit(1000)
    submit(1000)
    const third = submit(2)
    timers.advance(50)
    expect([batcher.running, batcher.waiting]).toEqual([2, 1])
    first.submission.abort()
    expect([batcher.running, aborted]).toEqual([1, 1])
    timers.advance(50)
    expect(third.tokensAt.length).toBe(2)
  })

  it('accepts an abort before the request has reached the queue', () => {
    submit().submission.abort()
    timers.advance(100)
    expect([batcher.running, batcher.waiting, aborted]).toEqual([0, 0, 0])
  })

  it('stops stepping while it hangs and goes on afterwards', () => {
    const { tokensAt } = submit(20)
    timers.advance(30)
    engine.setFaults({ slowFactor: 1, hang: true })
    timers.advance(1000)
    const before = tokensAt.length
    expect(before).toBeLessThan(5)
    expect(batcher.running).toBe(1)
    engine.setFaults({ slowFactor: 1, hang: false })
    timers.advance(1000)
    expect(tokensAt.length).toBe(20)
  })

  it('takes the slow factor times as long', () => {
    engine.setFaults({ slowFactor: 4, hang: false })
    const { tokensAt } = submit()
    timers.advance(1000)
    expect(tokensAt).toEqual([60, 100, 140])
  })

  it('says nothing more once stopped', () => {
    const { tokensAt } = submit(100)
    timers.advance(30)
    engine.stop()
    const before = tokensAt.length
    timers.advance(1000)
    expect(tokensAt.length).toBe(before)
    expect(timers.pending).toBe(0)
  })
})
