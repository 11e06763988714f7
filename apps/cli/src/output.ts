/** How the terminal shows things: columns, units, times. Units are formatted here and nowhere else. */
import { styleText } from 'node:util'
import { inCommands } from './hints.ts'

export type Cell = string | number | null | undefined

/** Left-aligned columns; numbers to the right. */
export function table(headers: string[], rows: Cell[][]): string {
  if (rows.length === 0) return 'Nothing yet.'
  const texts = rows.map((row) => row.map((cell) => (cell === null || cell === undefined ? '–' : String(cell))))
  const widths = headers.map((header, i) => Math.max(header.length, ...texts.map((row) => row[i]?.length ?? 0)))
  const isNumber = headers.map((_, i) =>
    rows.every((row) => typeof row[i] === 'number' || row[i] === null || row[i] === undefined),
  )
  const line = (cells: string[]) =>
    cells
      .map((cell, i) => (isNumber[i] ? cell.padStart(widths[i] ?? 0) : cell.padEnd(widths[i] ?? 0)))
      .join('  ')
      .trimEnd()
  return [styleText('dim', line(headers)), ...texts.map(line)].join('\n')
}

/** `label  value` lines. */
export function fields(pairs: Array<[string, Cell]>): string {
  const width = Math.max(...pairs.map(([label]) => label.length))
  return pairs.map(([label, value]) => `${styleText('dim', label.padEnd(width))}  ${value ?? '–'}`).join('\n')
}

export const heading = (text: string): string => styleText('bold', text)

export const goodOrBad = (ok: boolean): string => (ok ? styleText('green', '✓') : styleText('red', '✗'))

export const parameters = (count: number | null): string =>
  count === null
    ? '–'
    : count >= 1e9
      ? `${trim(count / 1e9)} B`
      : count >= 1e6
        ? `${trim(count / 1e6)} M`
        : `${trim(count / 1e3)} K`

export const bytes = (count: number): string => {
  const units = ['B', 'kB', 'MB', 'GB', 'TB']
  const step = Math.min(units.length - 1, Math.max(0, Math.floor(Math.log10(Math.max(count, 1)) / 3)))
  return `${trim(count / 1000 ** step)} ${units[step]}`
}

export const ms = (value: number): string => (value >= 10_000 ? `${trim(value / 1000)} s` : `${trim(value)} ms`)

export const usd = (value: number | null): string => (value === null ? 'unknown (no price)' : `$${value.toFixed(2)}`)

export const rate = (value: number): string => `${trim(value)} tok/s`

export const trim = (value: number): string =>
  (value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(2)).replace(/\.0+$/, '')

export const ago = (iso: string, nowMs = Date.now()): string => {
  const seconds = Math.max(0, Math.round((nowMs - Date.parse(iso)) / 1000))
  if (seconds < 60) return `${seconds} s ago`
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ago`
  if (seconds < 86_400) return `${Math.floor(seconds / 3600)} h ago`
  return `${Math.floor(seconds / 86_400)} d ago`
}

export function reasons(
  list: ReadonlyArray<{
    message: string
    path?: string | undefined
    evidence?: string | undefined
    next_step?: string | undefined
  }>,
): string {
  return list
    .map((reason) => {
      const where = reason.path ? `${reason.path}: ` : ''
      const more = [
        reason.evidence && `    evidence: ${reason.evidence}`,
        reason.next_step && `    next: ${reason.next_step}`,
      ].filter(Boolean)
      return inCommands([`  • ${where}${reason.message}`, ...more].join('\n'))
    })
    .join('\n')
}
