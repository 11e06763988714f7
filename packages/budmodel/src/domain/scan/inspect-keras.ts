/**
 * Judges Keras models: `.h5`/HDF5 files and the JSON of `.keras` archives.
 *
 * Why searching HDF5 for JSON pairs is sound: Keras keeps the configuration it deserialises in attributes. An
 * attribute's bytes are never chunked and pass no filter: they lie in one piece in an object header, a global heap or
 * a fractal heap's block, so a pair that a loader can see stands in the file letter by letter (with JSON escapes,
 * which are decoded). The one exception, a fractal heap with filters, leaves the file not covered. Everything that
 * could make HDF5 read other files stands in object headers, which are walked from the root; what cannot be walked
 * leaves the file not covered too.
 */

import { findSuperblock, type Hdf5Walk, walkHdf5 } from '../formats/hdf5.ts'
import { pairsIn, windowsOf } from '../formats/json-pairs.ts'
import type { RangedFile } from '../formats/ranged-file.ts'
import { FindingsByRule } from './findings-by-rule.ts'
import { judgeKerasPair, kerasKeys } from './keras-rules.ts'
import { type FileScan, type Finding, finding } from './scan-report.ts'

const REFERENCES = {
  'external-link': ['hdf5-external-link', 'links to another file'],
  'external-storage': ['hdf5-external-storage', 'takes the bytes of a dataset from another file'],
  'virtual-dataset': ['hdf5-virtual-dataset', 'takes a dataset together from other files'],
} as const

export async function inspectHdf5(file: RangedFile): Promise<FileScan> {
  const superblock = await findSuperblock(file)
  if (superblock === undefined) {
    const message = `${file.path} is named as HDF5 and has no HDF5 superblock: it is probably cut short.`
    return { format: 'hdf5', bytes_covered: 0, findings: [finding('warn', 'hdf5-unreadable', message, { offset: 0 })] }
  }
  const walk = await walkHdf5(file, superblock)
  const searched = await searchBytes(file)
  const findings = [...structureFindings(file, walk), ...searched.findings]
  const covered = walk.broken === undefined && searched.complete && !isCutShort(file, walk)
  return { format: 'hdf5', bytes_covered: covered ? file.bytes : 0, findings }
}

/** Serialised Keras objects in any JSON: what is wrong with them, nothing when there are none ("class_name" tells). */
export async function findKerasProblems(file: RangedFile): Promise<Finding[]> {
  const { findings, isKeras } = await searchBytes(file)
  return isKeras ? findings : []
}

function structureFindings(file: RangedFile, walk: Hdf5Walk): Finding[] {
  const findings = new FindingsByRule()
  for (const { kind, target, offset } of walk.references) {
    const [rule, what] = REFERENCES[kind]
    const named = target === undefined ? '' : ` (${JSON.stringify(target.slice(0, 200))})`
    findings.add(finding('block', rule, `${file.path} ${what}${named}.`, { offset, evidence: target }))
  }
  for (const { offset, bytes } of walk.bombs) {
    const message = `${file.path} holds a dataset that takes ${bytes.toLocaleString('en')} bytes of memory, out of proportion to the file.`
    findings.add(finding('block', 'hdf5-bomb', message, { offset }))
  }
  if (walk.broken) {
    const message = `${file.path} cannot be read as HDF5 to its end: it ${walk.broken.message}.`
    findings.add(finding('warn', 'hdf5-unreadable', message, { offset: walk.broken.offset }))
  }
  if (isCutShort(file, walk)) {
    const missing = (walk.statedEnd ?? 0) - file.bytes
    const message = `${file.path} is cut short: ${missing.toLocaleString('en')} bytes are missing. Send the file again.`
    findings.add(finding('block', 'hdf5-cut-short', message, { offset: file.bytes }))
  }
  return findings.all
}

const isCutShort = (file: RangedFile, { statedEnd }: Hdf5Walk): boolean =>
  statedEnd !== undefined && statedEnd > file.bytes

async function searchBytes(file: RangedFile): Promise<{ findings: Finding[]; complete: boolean; isKeras: boolean }> {
  const findings = new FindingsByRule()
  let complete = true
  let isKeras = false
  const report = (found: Finding) => findings.add(found)
  for await (const { bytes, start, own } of windowsOf(file)) {
    for (const pair of pairsIn(bytes, start, own, kerasKeys)) {
      isKeras ||= pair.key === 'class_name'
      const problem = judgeKerasPair(pair)
      if (!problem) continue
      const { severity, rule, message, evidence } = problem
      report(finding(severity, rule, `${file.path} ${message}.`, { offset: pair.offset, evidence }))
    }
    const unseen = hiddenIn(bytes, own)
    if (!unseen) continue
    complete = false
    report(finding('warn', 'hdf5-unreadable', `${file.path} ${unseen.why}.`, { offset: start + unseen.at }))
  }
  return { findings: findings.all, complete, isKeras }
}

/** Where attributes could be packed, or pickled by PyTables. */
function hiddenIn(bytes: Buffer, own: number): { why: string; at: number } | undefined {
  for (let at = bytes.indexOf('FRHP'); at >= 0 && at < own; at = bytes.indexOf('FRHP', at + 1)) {
    const version = bytes[at + 4]
    if (version === 0 && at + 9 <= bytes.length && bytes.readUInt16LE(at + 7) !== 0)
      return { at, why: 'packs attributes, which cannot be looked into here' }
  }
  const at = bytes.indexOf('PYTABLES_FORMAT_VERSION')
  return at >= 0 && at < own ? { at, why: 'is a PyTables file, whose attributes are pickles' } : undefined
}
