/**
 * Whether an "OK" of this clamd means anything. A clamd that skips what is beyond its limits says "OK" too, unless it
 * is set to alert; nothing in its protocol tells how it is set, so it is tried.
 */
import { gzipSync } from 'node:zlib'
import { eicarTestString } from '../domain/scan/signature-search.ts'
import type { ClamdAnswer } from './clamd-reply.ts'

export type Distrust = Extract<ClamdAnswer, { kind: 'not-looked-at' }>

export interface ClamdProof {
  /** Why clamd's answers count for nothing; undefined when they may be relied on. Tried anew from time to time. */
  distrust(): Promise<Distrust | undefined>
  /** The next question tries again: clamd may be another one by now. */
  forget(): void
}

const TRUSTED_MS = 60_000
/** So that a hundred thousand files do not each wait for a clamd that is not there. */
const DISTRUSTED_MS = 5_000
/** Deeper than any MaxRecursion that is of use; clamd's default is 17. */
const NESTED_DEPTH = 120

export function createClamdProof(scan: (content: Uint8Array) => Promise<ClamdAnswer>): ClamdProof {
  let known: { distrust: Promise<Distrust | undefined>; untilMs: number } | undefined
  return {
    async distrust() {
      if (known && performance.now() < known.untilMs) return known.distrust
      const current = { distrust: tryOut(scan), untilMs: Number.POSITIVE_INFINITY }
      known = current
      const reason = await current.distrust
      current.untilMs = performance.now() + (reason ? DISTRUSTED_MS : TRUSTED_MS)
      return reason
    },
    forget() {
      known = undefined
    },
  }
}

async function tryOut(scan: (content: Uint8Array) => Promise<ClamdAnswer>): Promise<Distrust | undefined> {
  const eicar = Buffer.from(eicarTestString, 'latin1')
  const plain = await scan(eicar)
  if (plain.kind === 'not-looked-at') return plain
  if (plain.kind === 'clean') {
    return distrust('it does not know the EICAR test string, so its signatures are not loaded (run freshclam)')
  }
  let nested: Buffer = eicar
  for (let depth = 0; depth < NESTED_DEPTH; depth++) nested = gzipSync(nested)
  const limited = await scan(nested)
  if (limited.kind === 'not-looked-at') return limited.cause === 'limit' ? undefined : limited
  return distrust(
    'it keeps silent when it skips what is beyond its limits: set "AlertExceedsMax yes", and MaxRecursion to at most ' +
      '100, in clamd.conf and restart it',
  )
}

const distrust = (reason: string): Distrust => ({
  kind: 'not-looked-at',
  cause: 'limit',
  reason: `clamd cannot be relied on: ${reason}`,
})
