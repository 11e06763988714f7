/** Points in a field of characters: enough to see a trade-off in a terminal. */

export interface Point {
  x: number
  y: number
  /** One character. */
  mark: string
}

export interface Axis {
  name: string
  format(value: number): string
}

const WIDTH = 56
const HEIGHT = 12
const MARGIN = 0.05

/** The first of the points that fall on one place is drawn; '' without points. */
export function scatter(points: readonly Point[], x: Axis, y: Axis): string {
  if (points.length === 0) return ''
  const across = rangeOf(points.map((point) => point.x))
  const up = rangeOf(points.map((point) => point.y))
  const rows = Array.from({ length: HEIGHT }, () => new Array<string>(WIDTH).fill(' '))
  for (const point of [...points].reverse()) {
    const row = rows[HEIGHT - 1 - place(point.y, up, HEIGHT)]
    if (row) row[place(point.x, across, WIDTH)] = point.mark
  }
  const labels = [y.format(up.high), y.format(up.low)]
  const width = Math.max(...labels.map((label) => label.length))
  const lines = rows.map((row, i) => {
    const label = i === 0 ? labels[0] : i === HEIGHT - 1 ? labels[1] : ''
    return `${(label ?? '').padStart(width)} ┤${row.join('')}`.trimEnd()
  })
  const [left, right] = [x.format(across.low), x.format(across.high)]
  return [
    `${' '.repeat(width)}  ${y.name}`,
    ...lines,
    `${' '.repeat(width)} └${'─'.repeat(WIDTH)}`,
    `${' '.repeat(width)}  ${left}${right.padStart(Math.max(WIDTH - left.length, right.length + 1))}  ${x.name}`,
  ].join('\n')
}

interface Range {
  low: number
  high: number
}

/** With a margin, so that no point sits on the frame. */
function rangeOf(values: readonly number[]): Range {
  const [low, high] = [Math.min(...values), Math.max(...values)]
  const margin = (high - low) * MARGIN || Math.abs(high) * MARGIN || 1
  return { low: low >= 0 ? Math.max(low - margin, 0) : low - margin, high: high + margin }
}

const place = (value: number, { low, high }: Range, cells: number): number =>
  Math.min(Math.floor(((value - low) / (high - low)) * cells), cells - 1)
