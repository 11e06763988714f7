/** What a base model's licence means for what was made from it: it is never laxer than its base. */
import type { FactConflict } from '../facts/claims.ts'
import type { DetectedLicence } from './detect-licence.ts'
import { allOf, compareClasses, type LicenceFinding, partsOf } from './licence.ts'

export interface BaseLicence {
  /** The base model's name. */
  name: string
  /** Null where the base is not known here, or states none. */
  licence: LicenceFinding | null
}

/**
 * Adapters, quantised and fine-tuned models take over their base's licence when they state none. When they state one,
 * the conditions of a base that has any still hold: both together, of the stricter class. Of several bases (merges)
 * all hold.
 */
export function inheritLicence(own: LicenceFinding | null, bases: readonly BaseLicence[]): DetectedLicence {
  const known = bases.flatMap(({ name, licence }) => (licence ? [{ name, finding: licence }] : []))
  const binding = own ? known.filter(({ finding }) => !covers(own, finding)) : known
  const [first] = binding
  if (!first) return { licence: own, conflicts: [] }
  const names = binding.map(({ name }) => name).join(', ')
  const [head, ...tail] = [...(own ? [own.licence] : []), ...binding.map(({ finding }) => finding.licence)]
  if (!head) return { licence: own, conflicts: [] }
  const evidence = binding.map(({ name, finding }) => `${name}: ${finding.evidence}`).join(' · ')
  return {
    licence: {
      licence: allOf([head, ...tail]),
      source: 'inherited',
      evidence: own ? `${own.evidence} · ${evidence}` : evidence,
      from: names,
    },
    conflicts: own ? binding.map(({ name, finding }) => laxer(own, name, finding)) : [],
  }
}

/** Nothing of the base's licence is left to add: it asks for a notice at most, or is named too. */
function covers(own: LicenceFinding, base: LicenceFinding): boolean {
  if (base.licence.class === 'permissive') return true
  const ids = partsOf(own.licence)
  return partsOf(base.licence).every((id) => ids.includes(id))
}

function laxer(own: LicenceFinding, name: string, base: LicenceFinding): FactConflict {
  const stricter = compareClasses(base.licence.class, own.licence.class) > 0
  return {
    field: 'licence',
    claimed: own.licence.id,
    found: base.licence.id,
    message: `The model states ${own.licence.name}, but its base ${name} is under ${base.licence.name}, whose conditions still hold${stricter ? ' and which is stricter' : ''}.`,
  }
}
