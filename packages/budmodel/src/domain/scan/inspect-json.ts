/**
 * *.json of any name: loaders choose configurations by names that change, so one that could be a configuration is
 * judged as one. Vocabularies and indexes are large and none; they are only searched for the keys that matter.
 */
import { pairsIn, windowsOf } from '../formats/json-pairs.ts'
import type { RangedFile } from '../formats/ranged-file.ts'
import { asksForConfig, configKeys, inspectConfigFile } from './inspect-config.ts'
import type { FileScan } from './scan-report.ts'

/** `head`: the file's first bytes. A file with such a key that is too large or not sound JSON is not covered. */
export async function inspectJson(file: RangedFile, head: Uint8Array): Promise<FileScan> {
  return isWide(head) || (await mayAsk(file))
    ? inspectConfigFile(file)
    : { format: 'text', bytes_covered: file.bytes, findings: [] }
}

/** UTF-16 and UTF-32 hide keys from a search; no loader of models reads them. */
const isWide = (head: Uint8Array): boolean => head.includes(0) || head[0] === 0xff || head[0] === 0xfe

async function mayAsk(file: RangedFile): Promise<boolean> {
  for await (const { bytes, start, own } of windowsOf(file))
    for (const pair of pairsIn(bytes, start, own, configKeys)) if (asksForConfig(pair)) return true
  return false
}
