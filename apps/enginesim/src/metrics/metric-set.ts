/**
 * Counters and histograms of one replica, rendered on demand. prom-client keeps about 40 objects a family; with a
 * thousand replicas in a process only what was touched may cost memory, so cells appear on first use and everything
 * else is rendered as the zeros that a fresh engine shows.
 */
import type { MetricFamily } from '@bud/engines'

export type Labels = Readonly<Record<string, string>>

interface HistogramCell {
  counts: Float64Array
  sum: number
}

/** What a family shows besides its cells: gauges read now, and the label sets an engine declares before any event. */
export interface Presented {
  gauges: ReadonlyMap<string, readonly { labels: Labels; value: number }[]>
  declared: ReadonlyMap<string, readonly Labels[]>
}

export class MetricSet {
  readonly #families: readonly MetricFamily[]
  readonly #base: Labels
  readonly #createdS: number | null
  readonly #values = new Map<string, Map<string, { labels: Labels; value: number }>>()
  readonly #histograms = new Map<string, Map<string, { labels: Labels; cell: HistogramCell }>>()
  readonly #buckets = new Map<string, readonly number[]>()

  /** `createdS`: seconds since the epoch for `_created` series, null for engines whose exporter has none. */
  constructor(families: readonly MetricFamily[], base: Labels, createdS: number | null) {
    this.#families = families
    this.#base = base
    this.#createdS = createdS
    for (const { name, buckets } of families) if (buckets) this.#buckets.set(name, buckets)
  }

  /** Adds to a counter or, for a summary, one observation of `by`. */
  count(name: string, labels: Labels = {}, by = 1): void {
    const cells = child(this.#values, name)
    const key = keyOf(labels)
    const cell = cells.get(key)
    if (cell) cell.value += by
    else cells.set(key, { labels, value: by })
  }

  observe(name: string, value: number, labels: Labels = {}, times = 1): void {
    const buckets = this.#buckets.get(name)
    if (buckets === undefined) throw new RangeError(`${name} is not a histogram of this engine`)
    const cells = child(this.#histograms, name)
    const key = keyOf(labels)
    let entry = cells.get(key)
    if (entry === undefined) {
      entry = { labels, cell: { counts: new Float64Array(buckets.length + 1), sum: 0 } }
      cells.set(key, entry)
    }
    const at = bucketOf(buckets, value)
    entry.cell.counts[at] = (entry.cell.counts[at] ?? 0) + times
    entry.cell.sum += value * times
  }

  /** Prometheus text, in the families' order. */
  render(presented: Presented): string {
    const lines: string[] = []
    for (const family of this.#families) this.#renderFamily(family, presented, lines)
    lines.push('')
    return lines.join('\n')
  }

  #renderFamily(family: MetricFamily, presented: Presented, lines: string[]): void {
    const { name, type } = family
    lines.push(`# TYPE ${name} ${type}`)
    if (type === 'gauge') {
      for (const { labels, value } of presented.gauges.get(name) ?? [])
        lines.push(`${name}${this.#braces(family, labels)} ${number(value)}`)
      return
    }
    const declared = presented.declared.get(name) ?? (family.labels.every((label) => label in this.#base) ? [{}] : [])
    const shown =
      type === 'histogram'
        ? this.#renderHistogram(family, declared, lines)
        : this.#renderValues(family, declared, lines)
    this.#renderCreated(family, shown, lines)
  }

  #renderValues(family: MetricFamily, declared: readonly Labels[], lines: string[]): Labels[] {
    const cells = new Map(declared.map((labels) => [keyOf(labels), { labels, value: 0 }]))
    for (const [key, cell] of this.#values.get(family.name) ?? []) cells.set(key, cell)
    if (family.type === 'summary') return this.#renderSummary(family, lines)
    for (const { labels, value } of cells.values())
      lines.push(`${family.name}${this.#braces(family, labels)} ${number(value)}`)
    return [...cells.values()].map(({ labels }) => labels)
  }

  /** A summary without quantiles: the cells hold its sums, a sibling named `…#count` its counts. */
  #renderSummary(family: MetricFamily, lines: string[]): Labels[] {
    const sums = this.#values.get(family.name) ?? new Map<string, { labels: Labels; value: number }>()
    const counts = this.#values.get(`${family.name}#count`)
    for (const [key, { labels, value }] of sums) {
      const braces = this.#braces(family, labels)
      lines.push(`${family.name}_count${braces} ${number(counts?.get(key)?.value ?? 0)}`)
      lines.push(`${family.name}_sum${braces} ${number(value)}`)
    }
    return [...sums.values()].map(({ labels }) => labels)
  }

  #renderHistogram(family: MetricFamily, declared: readonly Labels[], lines: string[]): Labels[] {
    const buckets = family.buckets ?? []
    const cells = new Map<string, { labels: Labels; cell: HistogramCell | null }>(
      declared.map((labels) => [keyOf(labels), { labels, cell: null }]),
    )
    for (const [key, entry] of this.#histograms.get(family.name) ?? []) cells.set(key, entry)
    const bounds = boundTexts(family)
    for (const { labels, cell } of cells.values()) {
      const { before, after } = this.#aroundBound(family, labels)
      let total = 0
      for (let i = 0; i <= buckets.length; i++) {
        total += cell?.counts[i] ?? 0
        lines.push(`${before}${bounds[i]}${after}${number(total)}`)
      }
      const braces = this.#braces(family, labels)
      lines.push(
        `${family.name}_count${braces} ${number(total)}`,
        `${family.name}_sum${braces} ${number(cell?.sum ?? 0)}`,
      )
    }
    return [...cells.values()].map(({ labels }) => labels)
  }

  #renderCreated(family: MetricFamily, shown: readonly Labels[], lines: string[]): void {
    if (this.#createdS === null) return
    const name = `${family.name.replace(/_total$/, family.type === 'counter' ? '' : '_total')}_created`
    lines.push(`# TYPE ${name} gauge`)
    for (const labels of shown) lines.push(`${name}${this.#braces(family, labels)} ${number(this.#createdS)}`)
  }

  /** Labels in alphabetical order, as the Python client writes them. */
  #braces(family: MetricFamily, labels: Labels): string {
    const pairs = this.#pairs(family, labels).sort()
    return pairs.length === 0 ? '' : `{${pairs.join(',')}}`
  }

  /** A bucket's line up to its bound, and from there to its value. */
  #aroundBound(family: MetricFamily, labels: Labels): { before: string; after: string } {
    const pairs = this.#pairs(family, labels)
    const before = pairs.filter((pair) => pair < 'le=').sort()
    const after = pairs.filter((pair) => pair > 'le=').sort()
    return {
      before: `${family.name}_bucket{${before.map((pair) => `${pair},`).join('')}le="`,
      after: `"${after.map((pair) => `,${pair}`).join('')}} `,
    }
  }

  #pairs(family: MetricFamily, labels: Labels): string[] {
    return family.labels.flatMap((label) => {
      const value = labels[label] ?? this.#base[label]
      return value === undefined ? [] : [`${label}="${escapeLabel(value)}"`]
    })
  }
}

const boundTextsOf = new WeakMap<MetricFamily, readonly string[]>()

function boundTexts(family: MetricFamily): readonly string[] {
  let texts = boundTextsOf.get(family)
  if (texts === undefined) {
    texts = [...(family.buckets ?? []).map(number), '+Inf']
    boundTextsOf.set(family, texts)
  }
  return texts
}

/** One observation of a summary: its count and its sum. */
export function countSummary(set: MetricSet, name: string, labels: Labels, value: number): void {
  set.count(name, labels, value)
  set.count(`${name}#count`, labels)
}

const keyOf = (labels: Labels) => {
  let key = ''
  for (const label in labels) key += `${label}=${labels[label]};`
  return key
}

function child<Value>(map: Map<string, Map<string, Value>>, name: string): Map<string, Value> {
  let cells = map.get(name)
  if (cells === undefined) {
    cells = new Map()
    map.set(name, cells)
  }
  return cells
}

function bucketOf(buckets: readonly number[], value: number): number {
  let at = 0
  while (at < buckets.length && value > (buckets[at] ?? 0)) at++
  return at
}

/** As Python prints floats: "5.0", "0.25", "1.5e+17". */
function number(value: number): string {
  if (!Number.isFinite(value)) return value > 0 ? '+Inf' : value < 0 ? '-Inf' : 'NaN'
  return Number.isInteger(value) && Math.abs(value) < 1e16 ? `${value}.0` : String(value)
}

export const escapeLabel = (value: string) => value.replace(/[\\"\n]/g, (c) => (c === '\n' ? '\\n' : `\\${c}`))
