/** JSON with one line per record or list of numbers, so that a new measurement reads well in a diff. */

export function toLines(value: object): string {
  return `${format(value, '')}\n`
}

function format(value: unknown, indent: string): string {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return JSON.stringify(value)
  if (Object.values(value).every((entry) => typeof entry !== 'object')) return JSON.stringify(value)
  const inner = `${indent} `
  const entries = Object.entries(value).map(([key, entry]) => `${inner}${JSON.stringify(key)}: ${format(entry, inner)}`)
  return `{\n${entries.join(',\n')}\n${indent}}`
}
