/** What a licence asks of whoever serves a model, as far as a policy can judge it. Not legal advice: the text counts. */

export type LicenceClass = 'permissive' | 'conditional' | 'non-commercial' | 'unknown'

export type LicenceConditionKind =
  | 'attribution'
  | 'naming'
  | 'users'
  | 'revenue'
  | 'use'
  | 'share-alike'
  | 'copyleft'
  | 'no-derivatives'
  | 'no-commercial'
  | 'output-training'
  | 'registration'
  | 'territory'

export interface LicenceCondition {
  kind: LicenceConditionKind
  /** One sentence. */
  text: string
}

export interface Licence {
  /** SPDX id or expression, or our id of a model licence such as "llama-3.1-community". */
  id: string
  name: string
  class: LicenceClass
  conditions: LicenceCondition[]
  url: string | null
}

export type LicenceSource = 'model-card' | 'licence-file' | 'gguf' | 'request' | 'catalogue' | 'inherited'

export interface LicenceFinding {
  licence: Licence
  source: LicenceSource
  /** The line that says so. */
  evidence: string
  /** The base model it is inherited from. */
  from: string | null
}

/** Laxest first. What is unknown may forbid commerce, so only what surely does is stricter. */
const STRICTNESS: readonly LicenceClass[] = ['permissive', 'conditional', 'unknown', 'non-commercial']

/** Positive when `a` is stricter. */
export const compareClasses = (a: LicenceClass, b: LicenceClass): number =>
  STRICTNESS.indexOf(a) - STRICTNESS.indexOf(b)

/** All of them hold at once: the strictest class, every condition. At least one must be given. */
export function allOf(licences: readonly [Licence, ...Licence[]]): Licence {
  const parts = new Map(licences.flatMap((licence) => partsOf(licence).map((id) => [id, licence])))
  const distinct = [...new Set(parts.values())]
  const [first] = licences
  if (distinct.length <= 1) return distinct[0] ?? first
  return {
    id: [...parts.keys()].map((id) => (id.includes(' OR ') ? `(${id})` : id)).join(' AND '),
    name: distinct.map(({ name }) => name).join(' and '),
    class: strictestOf(distinct),
    conditions: uniqueConditions(distinct),
    url: null,
  }
}

/** Whoever serves it may choose: the laxest class, and the conditions of that choice. */
export function anyOf(licences: readonly [Licence, ...Licence[]]): Licence {
  const [first] = licences
  const chosen = licences.reduce((best, one) => (compareClasses(one.class, best.class) < 0 ? one : best))
  const ids = [...new Set(licences.map(({ id }) => (id.includes(' AND ') ? `(${id})` : id)))]
  if (ids.length === 1) return first
  return {
    id: ids.join(' OR '),
    name: [...new Set(licences.map(({ name }) => name))].join(' or '),
    class: chosen.class,
    conditions: chosen.conditions,
    url: null,
  }
}

/** The ids that hold at once in a compound id made by `allOf`; "(a OR b)" stays one. */
export const partsOf = ({ id }: Pick<Licence, 'id'>): string[] =>
  id.split(' AND ').map((part) => (part.startsWith('(') && part.endsWith(')') ? part.slice(1, -1) : part))

const strictestOf = (licences: readonly Licence[]): LicenceClass =>
  licences.reduce<LicenceClass>(
    (worst, one) => (compareClasses(one.class, worst) > 0 ? one.class : worst),
    'permissive',
  )

function uniqueConditions(licences: readonly Licence[]): LicenceCondition[] {
  const byText = new Map(licences.flatMap(({ conditions }) => conditions).map((one) => [one.text, one]))
  return [...byText.values()]
}
