/** Judges a pickle file: every pickle in it, those hidden in its values, and what follows after them. */
import { looksLikePickle, type PickleWalk, walkPickles } from '../formats/pickle-walk.ts'
import { isPadding, type RangedFile } from '../formats/ranged-file.ts'
import { endOfStorages, legacyPickles } from '../formats/torch-legacy.ts'
import { FindingList } from './finding-list.ts'
import { judgePickle, judgeSuspected } from './judge-pickle.ts'
import { type FileScan, type Finding, finding } from './scan-report.ts'

/** torch's old format has five; no other has a form that depends on more than the last one. */
const REMEMBERED = 5

/**
 * A pickle by its name or its first bytes. Bytes behind the last pickle are not covered: what a program that reads on
 * makes of them is not known, except for padding and for torch's storages.
 */
export async function inspectPickle(file: RangedFile): Promise<FileScan> {
  const findings = new FindingList()
  const walks: PickleWalk[] = []
  let end = 0
  for await (const walk of walkPickles(file)) {
    if (walk.broken !== undefined) {
      const isMeant = end === 0 || (!legacyPickles(walks) && looksLikePickle(await file.read(end, 64)))
      findings.add(await (isMeant ? judgePickle(file, walk) : judgeSuspected(file, walk)))
      if (!isMeant) break
      const message = `${file.path} cannot be read as a pickle to its end: ${walk.broken}.`
      findings.add([finding('warn', 'pickle-unreadable', message, { offset: walk.end })])
      return { format: 'pickle', bytes_covered: Math.min(walk.end, file.bytes - 1), findings: findings.all() }
    }
    findings.add(await judgePickle(file, walk))
    if (walks.length < REMEMBERED) walks.push(walk)
    end = walk.end
  }
  const { format, bytes_covered, found } = await judgeRest(file, walks, end)
  findings.add(found)
  return { format, bytes_covered, findings: findings.all() }
}

interface Rest {
  format: string
  bytes_covered: number
  found: Finding[]
}

async function judgeRest(file: RangedFile, walks: readonly PickleWalk[], end: number): Promise<Rest> {
  const legacy = legacyPickles(walks)
  const format = legacy ? 'torch-legacy' : 'pickle'
  const used = legacy ? await endOfStorages(file, legacy) : end
  if (used !== undefined && used >= file.bytes) return { format, bytes_covered: file.bytes, found: [] }
  const said = `${file.path} has ${(file.bytes - (used ?? end)).toLocaleString('en')} bytes after its pickle`
  const where = { offset: used ?? end }
  if (used !== undefined && (await isPadding(file, used)))
    return {
      format,
      bytes_covered: file.bytes,
      found: [finding('info', 'pickle-trailing-data', `${said}, all of them zero.`, where)],
    }
  const message = used === undefined ? `${said}s that are not the storages which they announce.` : `${said}.`
  return { format, bytes_covered: used ?? end, found: [finding('warn', 'pickle-trailing-data', message, where)] }
}
