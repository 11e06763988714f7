/** What each scanner says about every case of the corpus: ours in this process, the others in theirs. */
import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Severity } from '../../packages/budmodel/src/domain/scan/scan-report.ts'
import type { CorpusCase } from '../../packages/budmodel/src/testing/corpus/corpus-case.ts'
import { corpus } from '../../packages/budmodel/src/testing/corpus/index.ts'
import { scanCase } from '../../packages/budmodel/src/testing/corpus/scan-case.ts'
import { python } from './install-peers.ts'

/**
 * `caught`: called dangerous, rightly or not. `clean`: looked at and let through. `failed`: could not look, and says
 * so. `left-aside`: looked at none of the files.
 */
export type Outcome = 'caught' | 'clean' | 'failed' | 'left-aside'

export interface Said {
  outcome: Outcome
  /** Why, in the scanner's words. */
  said: string
}

export const PEERS = ['picklescan', 'picklescan --strict', 'modelscan'] as const
export type Peer = (typeof PEERS)[number]

export interface PeerAnswers {
  /** Of the files that it takes out of a folder. */
  extensions: string[]
  said: Record<string, Said>
}

export interface Judgements {
  ours: Record<string, Said>
  peers: Record<Peer, PeerAnswers>
}

export async function judgeCorpus(): Promise<Judgements> {
  const ours: Record<string, Said> = {}
  for (const one of corpus) ours[one.name] = await judgeOurselves(one)
  return { ours, peers: await judgeWithPeers() }
}

/** The built-in scanners alone: no clamd, no policy. */
async function judgeOurselves(one: CorpusCase): Promise<Said> {
  const { findings, isComplete } = await scanCase(one)
  const rules = (severity: Severity) => findings.filter((found) => found.severity === severity).map(({ rule }) => rule)
  if (rules('block').length > 0) return { outcome: 'caught', said: rules('block').join(', ') }
  return { outcome: isComplete ? 'clean' : 'failed', said: rules('warn').join(', ') }
}

const WRITE_CORPUS = join(import.meta.dirname, '../../packages/budmodel/src/testing/corpus/write-corpus.ts')
const run = promisify(execFile)

async function judgeWithPeers(): Promise<Record<Peer, PeerAnswers>> {
  const folder = mkdtempSync(join(tmpdir(), 'bud-corpus-'))
  try {
    const written = join(folder, 'corpus')
    await run(process.execPath, [WRITE_CORPUS, written])
    const answer = join(folder, 'answer.json')
    await run(python, [join(import.meta.dirname, 'peers.py'), written, answer])
    return JSON.parse(readFileSync(answer, 'utf8')) as Record<Peer, PeerAnswers>
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
