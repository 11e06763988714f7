/** What a new configuration changes in the one that runs. */
import type { Deployment } from '@bud/kernel'

export interface Change {
  path: string
  from: string
  to: string
}

/** Field by field, in the order of the document; a field that one side leaves out shows as "default". */
export function changesBetween(before: Deployment, after: Deployment): Change[] {
  const old = flatten(before)
  const next = flatten(after)
  const paths = [...new Set([...next.keys(), ...old.keys()])]
  return paths
    .filter((path) => old.get(path) !== next.get(path))
    .map((path) => ({ path, from: old.get(path) ?? 'default', to: next.get(path) ?? 'default' }))
}

function flatten(value: object, prefix = ''): Map<string, string> {
  const fields = new Map<string, string>()
  for (const [key, inner] of Object.entries(value)) {
    const path = prefix === '' ? key : `${prefix}.${key}`
    if (typeof inner === 'object' && inner !== null) for (const [at, text] of flatten(inner, path)) fields.set(at, text)
    else if (inner !== undefined) fields.set(path, String(inner))
  }
  return fields
}
