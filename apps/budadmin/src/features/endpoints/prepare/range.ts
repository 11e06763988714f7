/** How far the charts look back when the URL does not say: a young endpoint has little to show. */

const YOUNG_MS = 15 * 60_000

/** In minutes. */
export const defaultRange = (createdAt: string, nowMs: number): number =>
  nowMs - Date.parse(createdAt) < YOUNG_MS ? 5 : 30
