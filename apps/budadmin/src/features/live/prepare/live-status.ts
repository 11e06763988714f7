/** How far what is on the screen can be trusted: followed as it changes, or as it was at some moment. */
import { formatClock } from '../../../prepare/time.ts'

export interface LiveStatus {
  state: 'connecting' | 'live' | 'lost'
  /** Until when (epoch ms) the screen followed the server; undefined while it does and before it ever did. */
  asOfMs: number | undefined
  /** Since when (epoch ms) the server has not answered; undefined unless lost. */
  lostMs: number | undefined
}

/** `paused`: nobody looks, so the connection was given back. */
export type LiveChange = 'opened' | 'lost' | 'paused'

/** Shorter losses cure themselves before anyone has read about them. */
const PATIENCE_MS = 5_000

export const notYetLive: LiveStatus = { state: 'connecting', asOfMs: undefined, lostMs: undefined }

export function nextLiveStatus(before: LiveStatus, change: LiveChange, nowMs: number): LiveStatus {
  if (change === 'opened') return { state: 'live', asOfMs: undefined, lostMs: undefined }
  const asOfMs = before.asOfMs ?? nowMs
  if (change === 'paused') return { state: 'connecting', asOfMs, lostMs: undefined }
  return { state: 'lost', asOfMs, lostMs: before.lostMs ?? nowMs }
}

/** What the banner says; undefined while there is nothing to say. */
export function outageText({ asOfMs, lostMs }: LiveStatus, nowMs: number): string | undefined {
  if (lostMs === undefined || asOfMs === undefined || nowMs - lostMs <= PATIENCE_MS) return undefined
  return `Foundry does not answer. Shown as of ${formatClock(asOfMs / 1000)}.`
}
