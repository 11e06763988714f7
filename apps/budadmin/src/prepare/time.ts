/** Times relative to a given now, so that they can be tested and tick together. */
import { formatDuration, NONE } from './format.ts'

/** "just now", "4 min ago", "3 h ago", "2 d ago". */
export function formatAgo(iso: string | null | undefined, nowMs: number): string {
  if (!iso) return NONE
  const elapsed = nowMs - Date.parse(iso)
  if (elapsed < 5_000) return 'just now'
  return `${coarse(elapsed)} ago`
}

/** "for 4 min": how long a state has held. */
export function formatFor(iso: string | null | undefined, nowMs: number): string {
  if (!iso) return NONE
  return `for ${coarse(Math.max(1_000, nowMs - Date.parse(iso)))}`
}

/** The largest unit only, for text that changes while one reads. */
function coarse(ms: number): string {
  return formatDuration(ms).split(' ').slice(0, 2).join(' ')
}

/** What a step or an operation took so far, or took in all. */
export function formatElapsed(startIso: string | null, endIso: string | null, nowMs: number): string | null {
  if (!startIso) return null
  return formatDuration((endIso ? Date.parse(endIso) : nowMs) - Date.parse(startIso))
}

/** In the reader's own zone: "24 Nov 2026, 14:03:20". */
export function formatInstant(iso: string | null | undefined): string {
  if (!iso) return NONE
  return new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'medium' }).format(new Date(iso))
}

/** "14:03:20" for charts. */
export function formatClock(epochSeconds: number): string {
  return new Intl.DateTimeFormat('en-GB', { timeStyle: 'medium' }).format(new Date(epochSeconds * 1000))
}
