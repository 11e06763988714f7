/** Reads the raw kernel tables (gzipped CSV without quotes), keeping the best time over the engines. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'

/** The fields of the current row, by position. */
export type Fields = readonly string[]

/** Calls `visit` for every row of `<name>.csv.gz`, with the named columns in that order. */
export function eachRow(folder: string, name: string, columns: readonly string[], visit: (fields: Fields) => void) {
  const text = gunzipSync(readFileSync(join(folder, `${name}.csv.gz`))).toString('latin1')
  let from = text.indexOf('\n')
  const header = text.slice(0, from).split(',')
  const positions = columns.map((column) => {
    const position = header.indexOf(column)
    if (position < 0) throw new Error(`${name}.csv.gz has no column ${column}`)
    return position
  })
  const fields: string[] = []
  while (from + 1 < text.length) {
    const next = text.indexOf('\n', from + 1)
    const end = next < 0 ? text.length : next
    const row = text.slice(from + 1, end).split(',')
    for (let i = 0; i < positions.length; i++) fields[i] = row[positions[i] ?? 0] ?? ''
    visit(fields)
    from = end
  }
}

/** The tables' names of engines as ours. */
export const ENGINES: Readonly<Record<string, string>> = { sglang: 'sglang', trtllm: 'tensorrt-llm', vllm: 'vllm' }

/** One measured point: its sizes and the least time any engine needed. */
export interface Point {
  sizes: readonly number[]
  us: number
}

/** Points by group, each with the minimum of its rows' times. */
export class BestTimes {
  readonly #groups = new Map<string, Map<string, Point>>()

  add(group: string, sizes: readonly number[], us: number): void {
    let points = this.#groups.get(group)
    if (points === undefined) {
      points = new Map()
      this.#groups.set(group, points)
    }
    const key = sizes.join()
    const known = points.get(key)
    if (known === undefined || us < known.us) points.set(key, { sizes, us })
  }

  /** Groups in alphabetical order. */
  groups(): { key: string; points: Point[] }[] {
    return [...this.#groups.entries()]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, points]) => ({ key, points: [...points.values()] }))
  }
}

/**
 * Points with what they read at the memory's rate at least: benchmarks repeat one layer whose weights or cache fit the
 * GPU's own cache, which no served model finds there.
 */
export function uncached(points: readonly Point[], memoryUs: (sizes: readonly number[]) => number): Point[] {
  return points.map(({ sizes, us }) => ({ sizes, us: Math.max(us, memoryUs(sizes)) }))
}

/** From a power of two to another, both included. */
export function powersOfTwo(from: number, to: number): number[] {
  return Array.from({ length: Math.round(Math.log2(to / from)) + 1 }, (_, i) => from * 2 ** i)
}
