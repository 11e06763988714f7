/** Prometheus text, read just far enough to compare two engines. */

export interface Family {
  type: string
  samples: { name: string; labels: Record<string, string>; value: number }[]
}

export function parseExposition(text: string): Map<string, Family> {
  const families = new Map<string, Family>()
  let current: Family = { type: 'untyped', samples: [] }
  for (const line of text.split('\n')) {
    const declared = /^# TYPE (\S+) (\S+)$/.exec(line)
    if (declared?.[1] !== undefined) {
      current = { type: declared[2] ?? '', samples: [] }
      families.set(declared[1], current)
    }
    const sample = /^([^#{\s]+)(?:\{(.*)\})? (\S+)$/.exec(line)
    if (sample === null) continue
    const labels = Object.fromEntries(
      [...(sample[2] ?? '').matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)].map(([, label = '', value = '']) => [label, value]),
    )
    current.samples.push({ name: sample[1] ?? '', labels, value: Number(sample[3]) })
  }
  return families
}

/** Bounds of a histogram without +Inf, ascending. */
export function boundsOf({ samples }: Family): number[] {
  const bounds = samples.flatMap(({ labels }) =>
    labels.le === undefined || labels.le === '+Inf' ? [] : [Number(labels.le)],
  )
  return [...new Set(bounds)].sort((a, b) => a - b)
}

/** Label names of a family's samples, without `le`. */
export function labelsOf({ samples }: Family): string[] {
  const names = new Set(samples.flatMap(({ labels }) => Object.keys(labels)))
  names.delete('le')
  return [...names].sort()
}

/** Sum over the samples with this name and these labels; 0 when there is none. */
export function total(families: ReadonlyMap<string, Family>, name: string, where: Record<string, string> = {}): number {
  let sum = 0
  for (const { samples } of families.values())
    for (const sample of samples) {
      const isMeant =
        sample.name === name && Object.entries(where).every(([label, value]) => sample.labels[label] === value)
      if (isMeant) sum += sample.value
    }
  return sum
}
