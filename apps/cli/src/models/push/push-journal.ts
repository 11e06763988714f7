/**
 * What a push has begun, kept beside the profile for its owner alone, so that the same command goes on after any end.
 * Lines of JSON, each written at once: one that was cut off is not counted.
 */
import { createHash } from 'node:crypto'
import { appendFileSync, existsSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { pushStateDir, writeSecretFile } from '../../config.ts'
import type { LocalFile } from './local-files.ts'

const Head = z.object({ server: z.string(), folder: z.string(), upload_id: z.string(), source_path: z.string() })
type Head = z.infer<typeof Head>
const Line = z.object({
  path: z.string(),
  bytes: z.number(),
  changed_ms: z.number(),
  sha256: z.string().optional(),
  /** All of it is there. */
  sent: z.literal(true).optional(),
})
type Line = z.infer<typeof Line>

export type FileState = Pick<LocalFile, 'path' | 'bytes' | 'changed_ms'>

export interface PushJournal {
  /** What an earlier push of this folder to this server began; undefined: nothing. */
  readonly begun: { uploadId: string; sourcePath: string } | undefined
  /** Forgets what was there before. */
  begin(upload: { id: string; source_path: string }): void
  /** Of the file as it is now; undefined when it was another then. */
  digestOf(file: FileState): string | undefined
  wasSent(file: FileState): boolean
  /** In whatever state it was then: the server counts on its parts. */
  wasAnnounced(path: string): boolean
  noteDigest(file: FileState, sha256: string): void
  noteSent(file: FileState): void
  forget(): void
}

export function openPushJournal(server: string, folder: string, stateDir = pushStateDir()): PushJournal {
  const name = createHash('sha256').update(`${server}\n${folder}`).digest('hex').slice(0, 32)
  const file = join(stateDir, `${name}.jsonl`)
  const { head, lines } = readJournal(file)
  const isOurs = head?.server === server && head.folder === folder
  const known = new Map<string, Line>(isOurs ? lines.map((line) => [line.path, line]) : [])
  const announced = new Set(isOurs ? lines.flatMap(({ path, sha256 }) => (sha256 === undefined ? [] : [path])) : [])
  const sameAs = ({ path, bytes, changed_ms }: FileState): Line | undefined => {
    const line = known.get(path)
    return line?.bytes === bytes && line.changed_ms === changed_ms ? line : undefined
  }
  const note = ({ path, bytes, changed_ms }: FileState, more: Partial<Line>) => {
    const line: Line = { ...sameAs({ path, bytes, changed_ms }), path, bytes, changed_ms, ...more }
    known.set(path, line)
    if (line.sha256 !== undefined) announced.add(path)
    appendFileSync(file, `${JSON.stringify(line)}\n`, { mode: 0o600 })
  }
  return {
    begun: isOurs ? { uploadId: head.upload_id, sourcePath: head.source_path } : undefined,
    begin({ id, source_path }) {
      known.clear()
      announced.clear()
      const opened: Head = { server, folder, upload_id: id, source_path }
      writeSecretFile(file, `${JSON.stringify(opened)}\n`)
    },
    digestOf: (local) => sameAs(local)?.sha256,
    wasAnnounced: (path) => announced.has(path),
    wasSent: (local) => sameAs(local)?.sent === true,
    noteDigest: (local, sha256) => note(local, { sha256 }),
    noteSent: (local) => note(local, { sent: true }),
    forget: () => rmSync(file, { force: true }),
  }
}

function readJournal(file: string): { head: Head | undefined; lines: Line[] } {
  if (!existsSync(file)) return { head: undefined, lines: [] }
  const [first, ...rest] = readFileSync(file, 'utf8').split('\n').map(parseLine)
  return {
    head: Head.safeParse(first).data,
    lines: rest.flatMap((line) => Line.safeParse(line).data ?? []),
  }
}

function parseLine(line: string): unknown {
  try {
    return JSON.parse(line)
  } catch {
    return undefined
  }
}
