/** Which version a reference means: "name", "name@3", "name@production", an id of a model or of a version. */
import type { ModelVersionStateName } from '@bud/kernel'

export type VersionAlias = 'staging' | 'production'
const VERSION_ALIASES: readonly VersionAlias[] = ['staging', 'production']

export interface ModelReference {
  idOrName: string
  /** Undefined: the version that the model shows. */
  version: { number: number } | { alias: VersionAlias } | undefined
}

/** Undefined when what follows "@" is neither a number nor an alias; names themselves hold no "@". */
export function parseReference(text: string): ModelReference | undefined {
  if (/\p{Cc}/u.test(text)) return undefined
  const at = text.lastIndexOf('@')
  if (at < 0) return { idOrName: text, version: undefined }
  const idOrName = text.slice(0, at)
  const wanted = text.slice(at + 1)
  const alias = VERSION_ALIASES.find((name) => name === wanted)
  if (alias) return { idOrName, version: { alias } }
  return /^[1-9]\d{0,8}$/.test(wanted) ? { idOrName, version: { number: Number(wanted) } } : undefined
}

interface Candidate {
  id: string
  number: number
  state: ModelVersionStateName
  aliases: readonly VersionAlias[]
}

/** The version in production; else the newest that can be deployed; else the newest that is not archived. */
export function chooseShown<Version extends Candidate>(versions: readonly Version[]): Version | undefined {
  const newestFirst = versions.toSorted((a, b) => b.number - a.number)
  return (
    newestFirst.find(({ aliases }) => aliases.includes('production')) ??
    newestFirst.find(({ state }) => state === 'available') ??
    newestFirst.find(({ state }) => state !== 'archived') ??
    newestFirst[0]
  )
}
