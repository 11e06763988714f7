/** What one pickle's walk says about the file: globals that weights do not need, and pickles hidden in its values. */
import type { PickleGlobal } from '../formats/pickle-machine.ts'
import { type PickleWalk, walkPickles } from '../formats/pickle-walk.ts'
import { partOf, type RangedFile } from '../formats/ranged-file.ts'
import { isAllowedGlobal } from './pickle-allowlist.ts'
import { type Finding, finding } from './scan-report.ts'

const MAX_NESTING = 4
const MAX_GLOBALS_LISTED = 100
/** Fewer opcodes compute no name and call what it names. */
const MAX_BY_CHANCE = 4

/** For bytes that are meant as a pickle. `depth`: how many others it lies in. */
export async function judgePickle(file: RangedFile, walk: PickleWalk, depth = 0): Promise<Finding[]> {
  const findings = [...forbiddenGlobals(file, walk.globals), ...replacedCode(file, walk)]
  if (depth >= MAX_NESTING) {
    if (walk.payloads.length > 0)
      findings.push(
        finding('block', 'pickle-nested-too-deep', `${file.path} nests pickles deeper than ${MAX_NESTING} levels.`),
      )
    return findings
  }
  for (const { start, bytes } of walk.payloads) {
    const nested = partOf(file, file.path, start, bytes)
    for await (const inner of walkPickles(nested)) {
      const found = await judgeSuspected(nested, inner, depth + 1)
      findings.push(
        ...found.map((entry) => ({
          ...entry,
          rule: 'pickle-nested',
          message: `Inside a value: ${entry.message}`,
          offset: start + (entry.offset ?? 0),
        })),
      )
    }
  }
  return findings
}

/**
 * For bytes that may be anything: what a loader that took them for a pickle would run. Where it breaks off before any
 * call, nothing is; and a few opcodes in a row are in any data.
 */
export async function judgeSuspected(file: RangedFile, walk: PickleWalk, depth = 0): Promise<Finding[]> {
  const isMeant = walk.opcodes > MAX_BY_CHANCE || walk.payloads.length > 0 || walk.globals.some(isNamed)
  if (isMeant && (walk.broken === undefined || walk.calls > 0)) return judgePickle(file, walk, depth)
  return walk.tooLarge ? forbiddenGlobals(file, walk.globals.filter(isForbidden)) : []
}

/** Chance makes no such names. */
const isNamed = ({ module, name }: PickleGlobal): boolean =>
  /^[A-Za-z_][\w.]+$/.test(module ?? '') && /^[A-Za-z_][\w.]*$/.test(name ?? '')

/** A well-formed name that weights do not need. */
export const isForbidden = (named: PickleGlobal): boolean =>
  isNamed(named) && !isAllowedGlobal(named.module ?? '', named.name ?? '')

export const hasBlocking = (findings: readonly Finding[]): boolean =>
  findings.some(({ severity }) => severity === 'block')

function replacedCode(file: RangedFile, { patchedGlobals, extensionOffsets }: PickleWalk): Finding[] {
  const findings = patchedGlobals.slice(0, MAX_GLOBALS_LISTED).map((target) =>
    finding('block', 'pickle-patches-global', `${file.path} replaces attributes of ${nameOf(target)}.`, {
      offset: target.offset,
      evidence: nameOf(target),
    }),
  )
  const [offset] = extensionOffsets
  if (offset === undefined) return findings
  const message = `${file.path} names a global by a registered number, which only the loading program can resolve.`
  return [...findings, finding('block', 'pickle-extension', message, { offset })]
}

function forbiddenGlobals(file: RangedFile, globals: readonly PickleGlobal[]): Finding[] {
  const seen = new Set<string>()
  const findings: Finding[] = []
  for (const named of globals) {
    const { module, name, offset } = named
    if (module !== undefined && name !== undefined && isAllowedGlobal(module, name)) continue
    const text = nameOf(named)
    if (seen.has(text) || seen.size >= MAX_GLOBALS_LISTED) continue
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
