/** Every unit on the screen is written here, so that a millisecond looks the same on each page. */

/** Stands where nothing was measured or stated: a gap, never a zero. */
export const NONE = '—'

const decimals = (digits: number) =>
  new Intl.NumberFormat('en-US', { maximumFractionDigits: digits, minimumFractionDigits: 0 })
const integers = decimals(0)
const oneDecimal = decimals(1)
const twoDecimals = decimals(2)

/** 8192 → "8,192" */
export const formatInteger = (value: number | null | undefined): string =>
  value === null || value === undefined ? NONE : integers.format(value)

/** Three significant digits or so: 4.23, 42.3, 423, 4,230. */
export function formatFigure(value: number | null | undefined): string {
  if (value === null || value === undefined) return NONE
  const size = Math.abs(value)
  if (size >= 100) return integers.format(value)
  return size >= 10 ? oneDecimal.format(value) : twoDecimals.format(value)
}

/** Parameters, requests, tokens: 7,000,000,000 → "7B", 950,000,000 → "950M". */
export function formatCount(value: number | null | undefined): string {
  if (value === null || value === undefined) return NONE
  const units: [number, string][] = [
    [1e12, 'T'],
    [1e9, 'B'],
    [1e6, 'M'],
    [1e4, 'K'],
  ]
  for (const [size, letter] of units) {
    if (value >= size) return `${formatFigure(value / (letter === 'K' ? 1e3 : size))}${letter}`
  }
  return integers.format(value)
}

/** Context lengths: 131072 → "128K", 8192 → "8K", 10000 → "10,000". */
export function formatTokens(value: number | null | undefined): string {
  if (value === null || value === undefined) return NONE
  if (value >= 1_048_576 && value % 1_048_576 === 0) return `${value / 1_048_576}M`
  if (value >= 1024 && value % 1024 === 0) return `${integers.format(value / 1024)}K`
  return integers.format(value)
}

/** 0.42 → "0.42 ms", 312 → "312 ms", 1240 → "1.24 s", 90000 → "1 min 30 s". */
export function formatMs(value: number | null | undefined): string {
  if (value === null || value === undefined) return NONE
  if (value < 1000) return `${formatFigure(value)} ms`
  if (value < 60_000) return `${formatFigure(value / 1000)} s`
  return formatDuration(value)
}

/** How long something took or lasts: "4 s", "3 min 12 s", "2 h 5 min", "3 d 4 h". */
export function formatDuration(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000))
  if (ms < 1000) return `${Math.max(0, Math.round(ms))} ms`
  if (seconds < 60) return `${seconds} s`
  const parts: [number, string][] = [
    [Math.floor(seconds / 86_400), 'd'],
    [Math.floor((seconds % 86_400) / 3600), 'h'],
    [Math.floor((seconds % 3600) / 60), 'min'],
    [seconds % 60, 's'],
  ]
  const first = parts.findIndex(([amount]) => amount > 0)
  return parts
    .slice(first, first + 2)
    .filter(([amount]) => amount > 0)
    .map(([amount, unit]) => `${amount} ${unit}`)
    .join(' ')
}

/** 1 GB = 1e9 bytes, as GPU vendors count. */
export function formatBytes(value: number | null | undefined): string {
  if (value === null || value === undefined) return NONE
  const units = ['B', 'kB', 'MB', 'GB', 'TB', 'PB']
  let size = value
  let unit = 0
  while (size >= 999.5 && unit < units.length - 1) {
    size /= 1000
    unit += 1
  }
  return `${unit === 0 ? integers.format(size) : formatFigure(size)} ${units[unit]}`
}

export function formatUsd(value: number | null | undefined): string {
  if (value === null || value === undefined) return NONE
  if (value >= 1000) return `$${integers.format(value)}`
  return `$${value.toFixed(2)}`
}

/** A share between 0 and 1 as "42 %". */
export const formatShare = (value: number | null | undefined): string =>
  value === null || value === undefined ? NONE : `${formatFigure(value * 100)} %`

/** "3 replicas", "1 replica". */
export const plural = (count: number, one: string, many = `${one}s`): string =>
  `${integers.format(count)} ${count === 1 ? one : many}`
