/** Which licence a text is: model licences by phrases none of their texts lacks, SPDX ones by the words of the whole text. */
import { baseName } from '../file-path.ts'
import type { KnownLicence } from './known-licence.ts'
import { allOf, type Licence } from './licence.ts'
import { parseLicenceExpression } from './licence-expression.ts'
import { addedWords, comparedWords, licenceWords, resemblance, sketchOf, textOf } from './licence-text.ts'
import { spdxFilters, spdxSketches } from './spdx-sketches.ts'
import { findLicence, toLicence, wellKnownLicences } from './well-known-licences.ts'

/** Alike enough to be the same text with a changed appendix or name. */
const SAME = 0.8
/** Alike enough to have been made from it. */
const CHANGED = 0.5
/** Alike enough to be worth saying. */
const SIMILAR = 0.3
/** A header that refers to a licence, not the licence. */
const NOTICE_WORDS = 250

/** Names, a heading, a pointer to the model: more is another text. */
const MAX_ADDED_WORDS = 30
/** Words by which additions take something back. */
const RESTRICTING =
  /^(?:not|no|non|noncommercial|commercial|commercially|prohibit|prohibits|prohibited|restrict|restricts|restricted|restriction|restrictions|only|solely|must|shall|except|unless|forbidden|revenue|users|display|prominently|research|academic|condition|conditions)$/

export type TextLicence =
  | { kind: 'recognised'; licence: Licence; evidence: string }
  /** Not one that is known; `evidence` says what it resembles. */
  | { kind: 'unrecognised'; evidence: string }

interface Notice {
  id: string
  phrase: string
}

/** What short notices say that stand for a whole licence. */
const NOTICES: readonly Notice[] = [
  { id: 'Apache-2.0', phrase: 'licensed under the apache license version 2.0' },
  { id: 'Apache-2.0', phrase: 'under the terms of the apache license version 2.0' },
  { id: 'MIT', phrase: 'licensed under the mit license' },
  { id: 'MIT', phrase: 'released under the mit license' },
  { id: 'CC-BY-4.0', phrase: 'licensed under a creative commons attribution 4.0 international license' },
  {
    id: 'CC-BY-NC-4.0',
    phrase: 'licensed under a creative commons attribution noncommercial 4.0 international license',
  },
  { id: 'CC-BY-NC-SA-4.0', phrase: 'creative commons attribution noncommercial sharealike 4.0 international license' },
]

/** LICENSE, LICENCE.md, LICENSE-MODEL, COPYING, NOTICE, USE_POLICY.md and the like, at the top of the model. */
export const isLicenceFile = (path: string): boolean =>
  !path.includes('/') && /^(?:licen[cs]e|copying|notice|use[_-]policy)(?:[._-].{0,60})?$/i.test(baseName(path))

/** What a text of a file called `path` is. */
export function recogniseLicence(path: string, text: string): TextLicence {
  const declared = declaredIn(text)
  if (declared) return declared
  const words = licenceWords(text)
  const joined = textOf(words)
  const marked = markedIn(joined)
  const [first, ...others] = isNotice(path) ? marked : marked.slice(0, 1)
  if (first) {
    const licence = allOf([toLicence(first), ...others.map(toLicence)])
    return recognised(licence, `${path}: ${isNotice(path) ? 'names' : 'its text is that of'} the ${licence.name}`)
  }
  const notice = words.length <= NOTICE_WORDS ? noticeIn(joined) : undefined
  const compared = comparedWords(words)
  const closest = closestSpdx(compared)
  if (closest && closest.alike >= SAME) return asSpdx(path, compared, closest)
  if (closest && closest.alike >= CHANGED) return changed(path, closest.licence, `${percent(closest)} of it`)
  if (notice) return recognised(notice, `${path}: refers to the ${notice.name}`)
  const resembles =
    closest && closest.alike >= SIMILAR ? `, though ${percent(closest)} of it is the ${closest.licence.name}` : ''
  return { kind: 'unrecognised', evidence: `${path}: not the text of a known licence${resembles}` }
}

/** A notice may name the licences of several models that went into this one; all of them hold. */
const isNotice = (path: string): boolean => /^notice/i.test(baseName(path))

/** Those whose marks stand in the text; a family only where none of its members does. */
function markedIn(joined: string): KnownLicence[] {
  const found = wellKnownLicences.filter(({ marks }) => marks.some((all) => all.every((one) => holds(joined, one))))
  return found.filter(({ id }) => id !== 'modified-mit' || !found.some((other) => other.id.endsWith(`-${id}`)))
}

/** The licence, unless something was added that may take back what it grants: then nobody has judged it. */
function asSpdx(path: string, words: readonly string[], { licence, alike }: Closest): TextLicence {
  const filter = spdxFilters[licence.id]
  const added = filter === undefined ? [] : addedWords(words, Uint8Array.from(Buffer.from(filter, 'base64')))
  if (added.length <= MAX_ADDED_WORDS && !added.some((word) => RESTRICTING.test(word))) {
    const share = alike === 1 ? 'word for word' : `${percent({ licence, alike })} alike`
    return recognised(licence, `${path}: the text of the ${licence.name}, ${share}`)
  }
  return changed(path, licence, `with words added to it: “${added.slice(0, 30).join(' ').slice(0, 200)}”`)
}

/** What a changed text grants nobody has judged. */
function changed(path: string, licence: Licence, how: string): TextLicence {
  const name = `${licence.name} with changes`
  const id = `LicenseRef-${licence.id}-with-changes`
  return recognised(
    { ...licence, id, name, class: 'unknown', url: null },
    `${path}: the text of the ${licence.name}, ${how}`,
  )
}

const percent = ({ alike }: Closest): string => `${Math.round(alike * 100)} %`

/** "SPDX-License-Identifier: MIT" on one of the first lines. */
function declaredIn(text: string): TextLicence | undefined {
  const found = /SPDX-License-Identifier:[ \t]{0,4}([^\r\n]{1,300})/.exec(text.slice(0, 2000))
  const expression = found?.[1]?.replace(/\*\/\s*$|-->\s*$/, '').trim()
  const licence = expression === undefined ? undefined : parseLicenceExpression(expression)
  return licence && recognised(licence, `SPDX-License-Identifier: ${expression}`)
}

function noticeIn(joined: string): Licence | undefined {
  const found = NOTICES.find(({ phrase }) => holds(joined, phrase))
  return found && findLicence(found.id)
}

const holds = (joined: string, phrase: string): boolean => joined.includes(` ${phrase}`)
const recognised = (licence: Licence, evidence: string): TextLicence => ({ kind: 'recognised', licence, evidence })

interface Closest {
  licence: Licence
  /** 0–1. */
  alike: number
}

function closestSpdx(words: readonly string[]): Closest | undefined {
  const sketch = sketchOf(words)
  let best: { id: string; alike: number } | undefined
  for (const [id, known] of Object.entries(spdxSketches)) {
    const alike = resemblance(sketch, decodeSketch(id, known))
    if (alike > (best?.alike ?? 0)) best = { id, alike }
  }
  const licence = best && findLicence(best.id)
  return best && licence && { licence, alike: best.alike }
}

const decoded = new Map<string, Uint32Array>()

function decodeSketch(id: string, sketch: string): Uint32Array {
  const known = decoded.get(id)
  if (known) return known
  const bytes = Uint8Array.from(Buffer.from(sketch, 'base64'))
  const hashes = new Uint32Array(bytes.buffer)
  decoded.set(id, hashes)
  return hashes
}
