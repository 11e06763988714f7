/** How long what is over stays to be read; what a running installation keeps is bounded by it. */
export const HISTORY_KEPT_MS = 90 * 24 * 3_600_000
