/** A prediction moved by what was observed of its like, its intervals narrowed by how much of the error that explains. */
import type { Bounds } from '../intervals/interval-model.ts'
import { type Figures, isStatedRate, TARGETS, type Target, throughputOf } from '../physics/calibrated.ts'
import type { Subject } from '../physics/step-calibration.ts'
import type { Place } from './observation.ts'
import type { GroupRefinement } from './refine.ts'

export interface Refinable {
  figures: Figures
  /** The ends of the 80 % intervals. */
  intervals: Record<Target, Bounds>
}

/** An interval keeps this power of the unexplained variance of its width, and never less than this share. */
const NARROWING: Readonly<Record<Target, number>> = { tpot: 0.5, ttft: 0.42, output: 0.5 }
const NARROWEST: Readonly<Record<Target, number>> = { tpot: 0.25, ttft: 0.3, output: 0.3 }

/** Tokens per second stay what the two latencies leave in a closed loop, and the stated rate where one is stated. */
export function applyRefinement(subject: Subject, plain: Refinable, place: Place, group: GroupRefinement): Refinable {
  const tpot = group.at('tpot', place)
  const ttft = group.at('ttft', place)
  const figures: Figures = {
    tpot: plain.figures.tpot * Math.exp(tpot.offset),
    ttft: plain.figures.ttft * Math.exp(ttft.offset),
    output: plain.figures.output,
  }
  const explained: Record<Target, number> = { tpot: tpot.explained, ttft: ttft.explained, output: 0 }
  if (subject.head === 'closed-loop') {
    const waiting = figures.ttft / (figures.ttft + (subject.case.outputTokens - 1) * figures.tpot)
    explained.output = waiting * ttft.explained + (1 - waiting) * tpot.explained
    figures.output = throughputOf(subject, figures)
  } else if (!isStatedRate(subject.case)) {
    const output = group.at('output', place)
    explained.output = output.explained
    figures.output *= Math.exp(output.offset)
  }
  const interval = (target: Target): Bounds => {
    const { low, high } = plain.intervals[target]
    const share = Math.max((1 - explained[target]) ** NARROWING[target], NARROWEST[target])
    const end = (bound: number) => figures[target] * (bound / plain.figures[target]) ** share
    return { low: end(low), high: end(high) }
  }
  return {
    figures,
    intervals: Object.fromEntries(TARGETS.map((target) => [target, interval(target)])) as Record<Target, Bounds>,
  }
}
