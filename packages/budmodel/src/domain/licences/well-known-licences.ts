/** Every licence the product knows, found by its id, by what cards call it, or by its link. */
import type { KnownLicence } from './known-licence.ts'
import type { Licence } from './licence.ts'
import { modelLicences } from './model-licences.ts'
import { spdxLicences } from './spdx-licences.ts'

export const wellKnownLicences: readonly KnownLicence[] = [...spdxLicences, ...modelLicences]

const byName = new Map(
  wellKnownLicences.flatMap((known) => [known.id.toLowerCase(), ...known.aliases].map((name) => [name, known])),
)

/** By id or by what Hugging Face and model cards call it, in any case. */
export function findLicence(name: string): Licence | undefined {
  const wanted = name.trim().toLowerCase()
  const known = byName.get(wanted) ?? byName.get(wanted.replaceAll(/[\s_]+/g, '-'))
  return known && toLicence(known)
}

/** By the address of its text; addresses of files inside a model's own repository say nothing. */
export function findLicenceByLink(link: string): Licence | undefined {
  const address = link
    .trim()
    .toLowerCase()
    .replace(/^https?:\/\/(?:www\.)?/, '')
  const known = wellKnownLicences.find(({ links }) => links.some((one) => address.includes(one)))
  return known && toLicence(known)
}

/** Without what only recognition needs. */
export const toLicence = ({ id, name, class: licenceClass, conditions, url }: KnownLicence): Licence => ({
  id,
  name,
  class: licenceClass,
  conditions,
  url,
})
