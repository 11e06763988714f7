/** What a model's own files and its registration say about its licence, and where they disagree. */
import type { FactConflict } from '../facts/claims.ts'
import { compareClasses, type Licence, type LicenceFinding, partsOf } from './licence.ts'
import { type LicenceFields, statedLicence } from './stated-licence.ts'
import { recogniseLicence } from './text-licence.ts'

export interface LicenceClues {
  card: LicenceFields | null
  /** Those for which `isLicenceFile` holds; the first 512 KiB of each do. */
  files: readonly { path: string; text: string }[]
  /** general.license, general.license.name and general.license.link. */
  gguf: LicenceFields | null
  /** Of the registration. */
  claimed: string | null
}

export interface DetectedLicence {
  licence: LicenceFinding | null
  conflicts: FactConflict[]
}

/**
 * Files win over the registration. Where the files disagree among themselves the stricter counts, and a licence text
 * over a card of the same class.
 */
export function detectLicence({ card, files, gguf, claimed }: LicenceClues): DetectedLicence {
  const texts = readTexts(files)
  const stated = [card && statedLicence(card, 'model-card'), gguf && statedLicence(gguf, 'gguf')].filter((one) => !!one)
  // A name that nobody knows says less than a text that is known.
  const telling = stated.filter(({ licence }) => texts.findings.length === 0 || licence.class !== 'unknown')
  const found = [...texts.findings, ...telling]
  const [first, ...others] = found
  const conflicts: FactConflict[] = []
  let licence = first ?? null
  for (const other of others) {
    if (!licence || agree(licence.licence, other.licence)) continue
    conflicts.push(disagreement(other, licence))
    if (compareClasses(other.licence.class, licence.licence.class) > 0) licence = other
  }
  if (texts.unrecognised !== null && licence) conflicts.push(unrecognisedText(licence, texts.unrecognised))
  const request = claimed === null ? undefined : statedLicence(fieldsOf(claimed), 'request')
  if (request && licence && !agree(request.licence, licence.licence)) conflicts.push(wrongClaim(request, licence))
  if (!licence && texts.unrecognised !== null && !request) licence = unknownText(texts.unrecognised)
  return { licence: licence ?? request ?? null, conflicts }
}

const fieldsOf = (license: string): LicenceFields => ({ license: [license], license_name: null, license_link: null })

/** Licence texts first, then notices and use policies; a licence of the code alone does not count beside others. */
function readTexts(files: LicenceClues['files']): { findings: LicenceFinding[]; unrecognised: string | null } {
  const ofModel = files.filter(({ path }) => !/code/i.test(path))
  const ranked = (ofModel.length > 0 ? ofModel : files).toSorted((a, b) => rankOf(a.path) - rankOf(b.path))
  const findings: LicenceFinding[] = []
  let unrecognised: string | null = null
  for (const { path, text } of ranked) {
    const read = recogniseLicence(path, text)
    if (read.kind === 'recognised') {
      findings.push({ licence: read.licence, source: 'licence-file', evidence: read.evidence, from: null })
    } else if (rankOf(path) < 2) unrecognised ??= read.evidence
  }
  return { findings, unrecognised }
}

const rankOf = (path: string): number => (/model/i.test(path) ? 0 : /^(?:licen[cs]e|copying)/i.test(path) ? 1 : 2)

/** What families of licences are called when cards name no member. */
const FAMILIES: Readonly<Record<string, RegExp>> = {
  gpl: /^GPL-/,
  lgpl: /^LGPL-/,
  gfdl: /^GFDL-/,
  bsd: /^BSD-/,
  cc: /^CC-/,
  openrail: /rail/i,
  'modified-mit': /-modified-mit$/,
}

/** The same, one of several that hold at once, or a member of the family that the other names. */
function agree(a: Licence, b: Licence): boolean {
  const [ofA, ofB] = [partsOf(a), partsOf(b)]
  const within = (ids: string[], others: string[]) => ids.every((id) => others.some((other) => alike(id, other)))
  return within(ofA, ofB) || within(ofB, ofA)
}

const alike = (a: string, b: string): boolean =>
  ungranted(a) === ungranted(b) || FAMILIES[a]?.test(b) === true || FAMILIES[b]?.test(a) === true

/** "only" and "or later" are said beside a text, not in it. */
const ungranted = (id: string): string => id.replace(/-(?:only|or-later)$/, '')

const disagreement = (one: LicenceFinding, other: LicenceFinding): FactConflict => ({
  field: 'licence',
  claimed: one.licence.id,
  found: other.licence.id,
  message: `The model’s files name two licences: ${one.licence.name} (${one.evidence}) and ${other.licence.name} (${other.evidence}). The stricter counts.`,
})

const unrecognisedText = ({ licence, evidence }: LicenceFinding, text: string): FactConflict => ({
  field: 'licence',
  claimed: licence.id,
  found: 'unrecognised text',
  message: `${licence.name} is stated (${evidence}), but a licence file says something else. ${text}: read it before use.`,
})

const wrongClaim = (request: LicenceFinding, found: LicenceFinding): FactConflict => ({
  field: 'licence',
  claimed: request.licence.id,
  found: found.licence.id,
  message: `The registration says licence ${request.licence.name}, the files say ${found.licence.name} (${found.evidence}). The files are right.`,
})

const unknownText = (evidence: string): LicenceFinding => ({
  licence: { id: 'other', name: 'Other, not recognised', class: 'unknown', conditions: [], url: null },
  source: 'licence-file',
  evidence,
  from: null,
})
