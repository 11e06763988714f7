/** JSON with one line per entry of the outer levels, so that a new measurement reads well in a diff. */

export function toLines(value: object, levels: number): string {
  return `${format(value, levels, '')}\n`
}

function format(value: unknown, levels: number, indent: string): string {
  if (levels === 0 || typeof value !== 'object' || value === null || Array.isArray(value)) return JSON.stringify(value)
  const inner = `${indent} `
  const entries = Object.entries(value).map(
    ([key, entry]) => `${inner}${JSON.stringify(key)}: ${format(entry, levels - 1, inner)}`,
  )
  return `{\n${entries.join(',\n')}\n${indent}}`
}
