/** The knob from optimistic to safe, in plain words. */
import { formatShare } from '../../../prepare/format.ts'

export const LEAST_CONFIDENCE = 0.5
export const MOST_CONFIDENCE = 0.95
export const CONFIDENCE_STEP = 0.05

export interface CertaintyWords {
  /** "safe" */
  name: string
  /** What the setting means for a limit that is only just held. */
  meaning: string
}

const names: readonly { from: number; name: string }[] = [
  { from: 0.9, name: 'very safe' },
  { from: 0.75, name: 'safe' },
  { from: 0.6, name: 'balanced' },
  { from: 0, name: 'optimistic' },
]

export function describeCertainty(confidence: number): CertaintyWords {
  const name = names.find(({ from }) => confidence >= from - 1e-9)?.name ?? ''
  const held = `Limits hold in about ${oddsOf(confidence)} such predictions, even those only just met.`
  return {
    name,
    meaning:
      confidence <= LEAST_CONFIDENCE
        ? `Predictions count as they are, without a margin. ${held}`
        : confidence >= 0.9
          ? `${held} Larger margins: it costs more, and fewer configurations are left.`
          : held,
  }
}

/** 0.8 → "8 of 10", 0.95 → "19 of 20". */
export function oddsOf(confidence: number): string {
  const twentieths = Math.round(confidence * 20)
  return twentieths % 2 === 0 ? `${twentieths / 2} of 10` : `${twentieths} of 20`
}

/** "safe, 80 %" */
export const certaintyLabel = (confidence: number): string =>
  `${describeCertainty(confidence).name}, ${formatShare(Math.round(confidence * 100) / 100)}`
