/**
 * Makes domain/licences/spdx-sketches.ts from the texts of the package spdx-license-list: run it when the package has
 * a newer version. Sketches stand in for 5 MB of texts, of which nothing can be read back.
 */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { comparedWords, filterOf, licenceWords, sketchOf } from '../domain/licences/licence-text.ts'
import { spdxLicences } from '../domain/licences/spdx-licences.ts'

const TARGET = join(import.meta.dirname, '../domain/licences/spdx-sketches.ts')

/** Licences that differ by who grants "or later" have one text. */
const hasTextOfItsOwn = (id: string): boolean => !id.endsWith('-or-later')

export interface SpdxSketches {
  sketches: Record<string, string>
  filters: Record<string, string>
}

/** Sketches of all texts; filters of the permissive ones, to which a restriction may have been added. */
export async function makeSketches(): Promise<SpdxSketches> {
  const { default: texts } = await import('spdx-license-list/full.js')
  const made: SpdxSketches = { sketches: {}, filters: {} }
  for (const { id, class: licenceClass } of spdxLicences) {
    const text = texts[id]?.licenseText
    if (text === undefined || !hasTextOfItsOwn(id)) continue
    const words = comparedWords(licenceWords(text))
    made.sketches[id] = base64(sketchOf(words))
    if (licenceClass === 'permissive') made.filters[id] = base64(filterOf(words))
  }
  return made
}

const base64 = (bytes: Uint8Array | Uint32Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64')

const listed = (entries: Record<string, string>): string =>
  Object.entries(entries)
    .map(([id, value]) => `  '${id}':\n    '${value}',`)
    .join('\n')

if (process.argv[1] === import.meta.filename) {
  const { sketches, filters } = await makeSketches()
  const text = `/** Sketches of SPDX licence texts, made by tools/make-licence-sketches.ts. */

/** By id: the smallest hashes of the text, 32-bit little-endian, in base64 (\`sketchOf\`). */
export const spdxSketches: Readonly<Record<string, string>> = {
${listed(sketches)}
}

/** Of the permissive ones: the Bloom filter over the text, in base64 (\`filterOf\`). */
export const spdxFilters: Readonly<Record<string, string>> = {
${listed(filters)}
}
`
  writeFileSync(TARGET, text)
}
