/** How fast an answer came, as this browser saw it. */
import { formatFigure, formatMs, plural } from '../../../prepare/format.ts'

export interface AnswerTiming {
  sentMs: number
  firstTokenMs: number | undefined
  lastTokenMs: number | undefined
  completionTokens: number | undefined
}

/** "TTFT 84 ms · 92.1 tokens/s · 256 tokens"; what is not known is left out. */
export function describeTiming({
  sentMs,
  firstTokenMs,
  lastTokenMs,
  completionTokens,
}: AnswerTiming): string | undefined {
  if (firstTokenMs === undefined) return undefined
  const parts = [`TTFT ${formatMs(firstTokenMs - sentMs)}`]
  const spanMs = (lastTokenMs ?? firstTokenMs) - firstTokenMs
  if (completionTokens !== undefined && completionTokens > 1 && spanMs > 0) {
    parts.push(`${formatFigure(((completionTokens - 1) * 1000) / spanMs)} tokens/s`)
  }
  if (completionTokens !== undefined) parts.push(plural(completionTokens, 'token'))
  return parts.join(' · ')
}
