/** Pickles where none is expected: in files of other kinds, behind their first bytes, in data. */
import { type PickleWalk, walkPickles } from '../formats/pickle-walk.ts'
import { fileInMemory, partOf, type RangedFile } from '../formats/ranged-file.ts'
import { beginsLegacyTorch } from '../formats/torch-legacy.ts'
import { FindingList } from './finding-list.ts'
import { hasBlocking, isForbidden, judgePickle, judgeSuspected } from './judge-pickle.ts'
import { type Finding, finding } from './scan-report.ts'

/** Up to this size a file of another kind is searched for pickles that begin inside of it. */
const MAX_SEARCHED_BYTES = 8 * 1024 * 1024
/** In all tries together: data breaks off after a few, and what goes on for ever is made to. */
const MAX_FOLLOWED_OPCODES = 1_000_000

interface DisguisedPickles {
  findings: Finding[]
  /** False when there is more of what could be a pickle than was followed. */
  complete: boolean
}

/**
 * For files of any other kind: findings if a loader that takes the file for pickles would meet a forbidden global, in the
 * first of them or in one after it, or (in small files) in one that begins further in; nothing otherwise.
 */
export async function findDisguisedPickle(file: RangedFile): Promise<DisguisedPickles> {
  const list = new FindingList()
  let last: PickleWalk | undefined
  for await (const walk of walkPickles(file)) {
    last = walk
    // One opcode and a STOP is no pickle: there has to be a value.
    if (walk.opcodes >= 2) list.add(await judgeSuspected(file, walk))
  }
  const findings = list.all()
  const complete = last === undefined || (last.broken === undefined ? last.end >= file.bytes : !last.tooLarge)
  if (!complete) {
    const message = `${file.path} can be read as a pickle that is larger than what is followed.`
    findings.push(finding('warn', 'pickle-unreadable', message, { offset: last?.end }))
  }
  if (!hasBlocking(findings)) {
    const embedded = await findEmbeddedPickle(file)
    return { findings: [...findings, ...embedded.findings], complete: complete && embedded.complete }
  }
  const message = `${file.path} is not named as a pickle but can be loaded as one.`
  return { findings: [finding('block', 'pickle-disguised', message, { offset: 0 }), ...findings], complete }
}

const NOTHING: DisguisedPickles = { findings: [], complete: true }

/** A pickle of protocol 2 to 5 behind other bytes, such as those of a picture. */
async function findEmbeddedPickle(file: RangedFile): Promise<DisguisedPickles> {
  if (file.bytes > MAX_SEARCHED_BYTES) return NOTHING
  const content = Buffer.from(await file.read(0, file.bytes))
  const whole = fileInMemory(file.path, content)
  const budget = { opcodes: MAX_FOLLOWED_OPCODES }
  for (let at = content.indexOf(0x80, 1); at >= 0; at = content.indexOf(0x80, at + 1)) {
    const protocol = content[at + 1] ?? 0
    if (protocol < 2 || protocol > 5) continue
    const findings = await judgeData(whole, at, budget)
    if (budget.opcodes <= 0) return tooManyPickles(file, at)
    if (!hasBlocking(findings)) continue
    const message = `${file.path} holds a pickle behind its first ${at} bytes.`
    return { findings: [finding('block', 'pickle-embedded', message, { offset: at }), ...findings], complete: true }
  }
  return NOTHING
}

function tooManyPickles({ path }: RangedFile, offset: number): DisguisedPickles {
  const message = `${path} begins like a pickle in more places than can be followed.`
  return { findings: [finding('warn', 'pickle-unreadable', message, { offset })], complete: false }
}

/** Findings if the bytes at `start`, which should be data, are pickles with a forbidden global. */
export async function findPickleIn(file: RangedFile, start: number, bytes: number): Promise<Finding[]> {
  const findings = await judgeData(partOf(file, file.path, start, bytes), 0)
  return findings.map((entry) => ({ ...entry, offset: start + (entry.offset ?? 0) }))
}

/** Data of any kind can be read as some opcodes; a forbidden name and a call are there by intention only. */
async function judgeData(
  file: RangedFile,
  start: number,
  budget = { opcodes: Number.POSITIVE_INFINITY },
): Promise<Finding[]> {
  for await (const walk of walkPickles(file, start)) {
    if (walk.calls > 0 && walk.globals.some(isForbidden)) return judgePickle(file, walk)
    budget.opcodes -= walk.opcodes
    if (budget.opcodes <= 0) return []
  }
  return []
}

/** For files whose name allows anything: true where it is pickles and nothing else that could begin so by chance. */
export async function startsAsPickle(file: RangedFile): Promise<boolean> {
  let count = 0
  for await (const walk of walkPickles(file)) {
    if (walk.broken !== undefined) return walk.calls > 0 && walk.globals.some(isForbidden)
    if (walk.opcodes < 2) return false
    count++
    if (count > 1 || walk.end >= file.bytes || beginsLegacyTorch(walk)) return true
  }
  return false
}
