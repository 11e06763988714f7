/** SPDX expressions: "Apache-2.0 OR MIT" is as lax as its laxest choice, "MIT AND GPL-2.0-only" as strict as its strictest. */
import parseSpdx, { type Info } from 'spdx-expression-parse'
import deprecatedIds from 'spdx-license-ids/deprecated.json' with { type: 'json' }
import spdxIds from 'spdx-license-ids/index.json' with { type: 'json' }
import { allOf, anyOf, type Licence } from './licence.ts'
import { findLicence } from './well-known-licences.ts'

/** Longer ones are no expressions of any model: the parser recurses. */
const MAX_CHARACTERS = 300

const spelled = new Map([...deprecatedIds, ...spdxIds].map((id) => [id.toLowerCase(), id]))

/** Undefined when it is none. Ids may be in any case, as Hugging Face writes them. */
export function parseLicenceExpression(text: string): Licence | undefined {
  if (text.length > MAX_CHARACTERS) return undefined
  const cased = text.replaceAll(/[A-Za-z0-9][A-Za-z0-9.-]*/g, (word) => {
    const operator = word.toUpperCase()
    if (operator === 'AND' || operator === 'OR' || operator === 'WITH') return operator
    return spelled.get(word.toLowerCase()) ?? word
  })
  try {
    return toLicence(parseSpdx(cased))
  } catch {
    return undefined
  }
}

function toLicence(info: Info): Licence {
  if ('conjunction' in info) {
    const sides: [Licence, Licence] = [toLicence(info.left), toLicence(info.right)]
    return info.conjunction === 'and' ? allOf(sides) : anyOf(sides)
  }
  const id = info.plus ? `${info.license}+` : info.license
  const known = findLicence(id) ?? findLicence(info.license) ?? unknownSpdx(info.license)
  if (info.exception === undefined) return known
  return { ...known, id: `${known.id} WITH ${info.exception}`, name: `${known.name} with ${info.exception}` }
}

const unknownSpdx = (id: string): Licence => ({
  id,
  name: id,
  class: 'unknown',
  conditions: [],
  url: id.includes('Ref-') ? null : `https://spdx.org/licenses/${id}.html`,
})
