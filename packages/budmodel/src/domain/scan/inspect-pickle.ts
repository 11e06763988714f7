/** Judges a pickle file: every pickle in it, those hidden in its values, and what follows after them. */
import { inflateSync } from 'node:zlib'
import type { PickleGlobal } from '../formats/pickle-machine.ts'
import { looksLikePickle, type PickleWalk, walkPickle } from '../formats/pickle-walk.ts'
import { fileInMemory, partOf, type RangedFile } from '../formats/ranged-file.ts'
import { isAllowedGlobal } from './pickle-allowlist.ts'
import { type FileScan, type Finding, finding } from './scan-report.ts'

const MAX_NESTING = 4
const MAX_PICKLES = 1000
const MAX_PACKED_BYTES = 64 * 1024 * 1024
const MAX_UNPACKED_BYTES = 256 * 1024 * 1024
/** Up to this size a file of another kind is searched for pickles that begin inside of it. */
const MAX_SEARCHED_BYTES = 8 * 1024 * 1024
const MAX_TRIES = 2000
/** torch's format before 1.6: magic number, version, system, object, storage keys; then raw storages. */
const TORCH_LEGACY_MAGIC = '6cfc9c46f9206aa85019'
const TORCH_LEGACY_PICKLES = 5

/** `expected`: a pickle by its name or magic, so one that cannot be followed leaves the file not covered. */
export async function inspectPickle(file: RangedFile): Promise<FileScan> {
  return (await inspectCompressed(file)) ?? inspectPickles(file)
}

/** joblib unpacks zlib by its first bytes, whatever the name; no pickle begins so. */
async function inspectCompressed(file: RangedFile): Promise<FileScan | undefined> {
  const [method = 0, flags = 0] = await file.read(0, 2)
  if (method !== 0x78 || (method * 256 + flags) % 31 !== 0) return undefined
  const refuse = (why: string): FileScan => ({
    format: 'zlib',
    bytes_covered: 0,
    findings: [finding('warn', 'pickle-unreadable', `${file.path} is packed with zlib, and ${why}.`, { offset: 0 })],
  })
  if (file.bytes > MAX_PACKED_BYTES) return refuse(`larger than ${MAX_PACKED_BYTES.toLocaleString('en')} bytes`)
  let content: Buffer
  try {
    content = inflateSync(await file.read(0, file.bytes), { maxOutputLength: MAX_UNPACKED_BYTES })
  } catch {
    return refuse('cannot be unpacked, or unpacks to too much')
  }
  const scan = await inspectPickles(fileInMemory(file.path, content))
  return { ...scan, bytes_covered: scan.bytes_covered === content.length ? file.bytes : 0 }
}

async function inspectPickles(file: RangedFile): Promise<FileScan> {
  const findings: Finding[] = []
  let position = 0
  let legacy = false
  for (let count = 1; position < file.bytes; count++) {
    const walk = await walkPickle(file, position)
    findings.push(...(await judge(file, walk, 0)))
    if (walk.broken) {
      findings.push(
        finding('warn', 'pickle-unreadable', `${file.path} cannot be read as a pickle to its end: ${walk.broken}.`, {
          offset: walk.end,
        }),
      )
      return { format: 'pickle', bytes_covered: Math.min(walk.end, file.bytes - 1), findings }
    }
    if (count === 1) legacy = walk.firstLong === TORCH_LEGACY_MAGIC
    position = walk.end
    if (legacy ? count === TORCH_LEGACY_PICKLES : !(await continues(file, position))) break
    if (count === MAX_PICKLES) {
      findings.push(
        finding(
          'warn',
          'too-many-pickles',
          `${file.path} holds more than ${MAX_PICKLES} pickles one after the other.`,
          { offset: position },
        ),
      )
      return { format: 'pickle', bytes_covered: position, findings }
    }
  }
  if (!legacy && position < file.bytes) {
    findings.push(
      finding('warn', 'pickle-trailing-data', `${file.path} has ${file.bytes - position} bytes after its pickle.`, {
        offset: position,
      }),
    )
  }
  return { format: legacy ? 'torch-legacy' : 'pickle', bytes_covered: file.bytes, findings }
}

/**
 * For files of any other kind: findings if a loader that takes the file for a pickle would meet a forbidden global,
 * at its start or (in small files) further in; nothing otherwise.
 */
export async function findDisguisedPickle(file: RangedFile): Promise<Finding[]> {
  const walk = await walkPickle(file)
  const findings = isPickle(walk) ? await judge(file, walk, 0) : []
  if (!hasBlocking(findings)) return findEmbeddedPickle(file)
  return [
    finding('block', 'pickle-disguised', `${file.path} is not named as a pickle but can be loaded as one.`, {
      offset: 0,
    }),
    ...findings,
  ]
}

/** A pickle of protocol 2 to 5 behind other bytes, such as those of a picture. */
async function findEmbeddedPickle(file: RangedFile): Promise<Finding[]> {
  if (file.bytes > MAX_SEARCHED_BYTES) return []
  const content = Buffer.from(await file.read(0, file.bytes))
  const whole = fileInMemory(file.path, content)
  for (let at = content.indexOf(0x80, 1), tries = 0; at >= 0 && tries < MAX_TRIES; at = content.indexOf(0x80, at + 1)) {
    const protocol = content[at + 1] ?? 0
    if (protocol < 2 || protocol > 5) continue
    tries++
    const walk = await walkPickle(whole, at)
    if (walk.broken !== undefined || walk.calls === 0 || !walk.globals.every(isNamed)) continue
    const findings = await judge(whole, walk, 0)
    if (hasBlocking(findings))
      return [
        finding('block', 'pickle-embedded', `${file.path} holds a pickle behind its first ${at} bytes.`, {
          offset: at,
        }),
        ...findings,
      ]
  }
  return []
}

const isPickle = (walk: PickleWalk): boolean => walk.opcodes >= 2 && (walk.broken === undefined || walk.calls > 0)
const hasBlocking = (findings: readonly Finding[]): boolean => findings.some(({ severity }) => severity === 'block')
/** Chance makes no such names. */
const isNamed = ({ module, name }: PickleGlobal): boolean =>
  /^[A-Za-z_][\w.]+$/.test(module ?? '') && /^[A-Za-z_][\w.]*$/.test(name ?? '')

/** Findings if the bytes at `start`, which should be data, are a pickle with a forbidden global. */
export async function findPickleIn(file: RangedFile, start: number, bytes: number): Promise<Finding[]> {
  const part = partOf(file, file.path, start, bytes)
  if (!looksLikePickle(await part.read(0, 64))) return []
  const walk = await walkPickle(part)
  if (walk.calls === 0 || !walk.globals.every(isNamed)) return []
  return (await judge(part, walk, 0)).map((entry) => ({ ...entry, offset: start + (entry.offset ?? 0) }))
}

async function continues(file: RangedFile, position: number): Promise<boolean> {
  if (position >= file.bytes) return false
  if (looksLikePickle(await file.read(position, 64))) return true
  const probe = await walkPickle(file, position)
  return probe.globals.length > 0 && (probe.broken === undefined || probe.calls > 0)
}

async function judge(file: RangedFile, walk: PickleWalk, depth: number): Promise<Finding[]> {
  const findings = forbiddenGlobals(file, walk.globals)
  for (const target of walk.patchedGlobals) {
    findings.push(
      finding('block', 'pickle-patches-global', `${file.path} replaces attributes of ${nameOf(target)}.`, {
        offset: target.offset,
        evidence: nameOf(target),
      }),
    )
  }
  for (const offset of walk.extensionOffsets.slice(0, 1)) {
    findings.push(
      finding(
        'block',
        'pickle-extension',
        `${file.path} names a global by a registered number, which only the loading program can resolve.`,
        { offset },
      ),
    )
  }
  if (depth >= MAX_NESTING) {
    if (walk.payloads.length > 0)
      findings.push(
        finding('block', 'pickle-nested-too-deep', `${file.path} nests pickles deeper than ${MAX_NESTING} levels.`),
      )
    return findings
  }
  for (const { start, bytes } of walk.payloads) {
    const nested = partOf(file, file.path, start, bytes)
    const inner = await judge(nested, await walkPickle(nested), depth + 1)
    findings.push(
      ...inner.map((entry) => ({
        ...entry,
        rule: 'pickle-nested',
        message: `Inside a value: ${entry.message}`,
        offset: start + (entry.offset ?? 0),
      })),
    )
  }
  return findings
}

function forbiddenGlobals(file: RangedFile, globals: readonly PickleGlobal[]): Finding[] {
  const seen = new Set<string>()
  const findings: Finding[] = []
  for (const named of globals) {
    const { module, name, offset } = named
    if (module !== undefined && name !== undefined && isAllowedGlobal(module, name)) continue
    const text = nameOf(named)
    if (seen.has(text) || seen.size >= 100) continue
    seen.add(text)
    const message =
      module === undefined || name === undefined
        ? `${file.path} computes the name of a global while it is loaded, so what it runs cannot be known.`
        : `${file.path} names ${text}, which weight files do not need: loading it could run code. Use safetensors, or leave the file out.`
    findings.push(finding('block', 'pickle-global', message, { offset, evidence: text }))
  }
  return findings
}

const nameOf = ({ module, name }: PickleGlobal): string =>
  JSON.stringify(`${module ?? '?'}.${name ?? '?'}`).slice(1, -1)
