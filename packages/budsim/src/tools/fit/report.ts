/** The table of fit errors that data/README.md shows. */

export interface FitRow {
  gpu: string
  kind: string
  rows: number
  median_error: number
  mean_error: number
}

/** Kinds down, GPUs across; each cell "median / mean" in percent. */
export function toErrorTable(rows: readonly FitRow[]): string {
  const gpus = [...new Set(rows.map((row) => row.gpu))].sort()
  const kinds = [...new Set(rows.map((row) => row.kind))]
  const lines = kinds.map((kind) => {
    const cells = gpus.map((gpu) => {
      const row = rows.find((candidate) => candidate.gpu === gpu && candidate.kind === kind)
      return row === undefined ? '' : `${percent(row.median_error)} / ${percent(row.mean_error)}`
    })
    return `| ${kind} | ${cells.join(' | ')} |`
  })
  return [`| | ${gpus.join(' | ')} |`, `|---|${'---|'.repeat(gpus.length)}`, ...lines].join('\n')
}

export function toDigits(value: number, digits: number): number {
  return Number(value.toPrecision(digits))
}

const percent = (share: number): string => (100 * share).toFixed(share < 0.0995 ? 1 : 0)
