/** How well-known licences are written down: the licence, what cards call it, and what its text cannot do without. */
import type { Licence, LicenceClass, LicenceCondition, LicenceConditionKind } from './licence.ts'

export interface KnownLicence extends Licence {
  /** What model cards write, in lower case. */
  aliases: readonly string[]
  /** Of links to the licence: host and path, in lower case. */
  links: readonly string[]
  /**
   * How its text gives itself away: every phrase of one list stands in it, as `textWords` writes words. Empty for
   * licences that are known by their whole text.
   */
  marks: readonly (readonly string[])[]
}

interface Details {
  aliases?: readonly string[]
  links?: readonly string[]
  marks?: readonly (readonly string[])[]
  conditions?: readonly LicenceCondition[]
}

export const condition = (kind: LicenceConditionKind, text: string): LicenceCondition => ({ kind, text })

export const knownLicence = (
  id: string,
  name: string,
  licenceClass: LicenceClass,
  url: string | null,
  { aliases = [], links = [], marks = [], conditions = [] }: Details = {},
): KnownLicence => ({ id, name, class: licenceClass, conditions: [...conditions], url, aliases, links, marks })
