/** What somebody writes in a field meant for a licence: model cards, GGUF metadata, the registration. */

import { allOf, type Licence, type LicenceFinding, type LicenceSource } from './licence.ts'
import { parseLicenceExpression } from './licence-expression.ts'
import { findLicence, findLicenceByLink } from './well-known-licences.ts'

/** As Hugging Face cards have them: https://huggingface.co/docs/hub/repositories-licenses */
export interface LicenceFields {
  /** One or several; several hold at once. */
  license: readonly string[]
  license_name: string | null
  license_link: string | null
}

const MAX_CHARACTERS = 200
const MAX_LICENCES = 10
/** Words that stand where a licence should and name none. */
const NAMELESS = new Set(['', 'other', 'unknown', 'none', 'custom', 'proprietary', 'n/a', 'na', 'null'])

/** Undefined when nothing is stated. A licence nobody knows keeps its name, and its class is unknown. */
export function statedLicence(fields: LicenceFields, source: LicenceSource): LicenceFinding | undefined {
  const stated = fields.license.slice(0, MAX_LICENCES).map((text) => text.trim().slice(0, MAX_CHARACTERS))
  const name = (fields.license_name ?? '').trim().slice(0, MAX_CHARACTERS)
  const link = (fields.license_link ?? '').trim().slice(0, 2048)
  const named = stated.filter((text) => !NAMELESS.has(text.toLowerCase())).map(toLicence)
  const byName = NAMELESS.has(name.toLowerCase()) ? undefined : knownByName(name, link)
  const byLink = link === '' ? undefined : findLicenceByLink(link)
  const detail = byName ?? byLink
  const licences = [...named, ...(detail ? [detail] : [])]
  const [first, ...rest] = licences.length > 0 ? licences : nameless(stated, name, link)
  if (!first) return undefined
  return { licence: allOf([first, ...rest]), source, evidence: evidenceOf(stated, name, link), from: null }
}

/** `license_name: modified-mit` is more than one licence: the link says whose. */
function knownByName(name: string, link: string): Licence | undefined {
  const found = findLicence(name) ?? parseLicenceExpression(name)
  if (found?.id !== 'modified-mit') return found
  return findLicenceByLink(link) ?? found
}

const toLicence = (text: string): Licence =>
  findLicence(text) ?? parseLicenceExpression(text) ?? unrecognised(text, null)

function nameless(stated: readonly string[], name: string, link: string): Licence[] {
  if (!NAMELESS.has(name.toLowerCase())) return [unrecognised(name, link)]
  const word = stated.find((text) => text !== '')?.toLowerCase()
  if (word === undefined || word === 'unknown' || word === 'none') return []
  return [{ id: 'other', name: 'Other, not named', class: 'unknown', conditions: [], url: webAddress(link) }]
}

const unrecognised = (name: string, link: string | null): Licence => ({
  id: `LicenseRef-${name.replaceAll(/[^A-Za-z0-9.-]+/g, '-').slice(0, 80)}`,
  name,
  class: 'unknown',
  conditions: [],
  url: webAddress(link ?? ''),
})

const webAddress = (link: string): string | null =>
  /^https?:\/\//i.test(link) && URL.canParse(link) ? new URL(link).href : null

function evidenceOf(stated: readonly string[], name: string, link: string): string {
  const parts = [
    ...(stated.length > 0 ? [`license: ${stated.join(', ')}`] : []),
    ...(name === '' ? [] : [`license_name: ${name}`]),
    ...(link === '' ? [] : [`license_link: ${link.slice(0, MAX_CHARACTERS)}`]),
  ]
  return parts.join(' · ')
}
