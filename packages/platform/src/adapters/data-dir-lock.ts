/**
 * One process per data folder: PGlite itself loses rows silently when two share one. The lock is SQLite's, which is
 * the operating system's: it goes with its process however that ends, so nothing stale is ever left behind.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { conflict } from '@bud/kernel'
import { openDataDir } from './data-dir.ts'

const LOCK_FILE = 'lock'
/** Who holds the lock: for people to read; it decides nothing. */
const HOLDER_FILE = 'lock.json'
const SQLITE_BUSY = 5

export interface DataDirLock {
  readonly dir: string
  /** Idempotent. */
  release(): void
}

/** Creates the folder if need be. Fails at once when another process, or this one, has it already. */
export async function lockDataDir(dir: string): Promise<DataDirLock> {
  const path = resolve(dir)
  await openDataDir(path)
  const lock = new DatabaseSync(join(path, LOCK_FILE), { timeout: 0 })
  try {
    lock.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE')
  } catch (error) {
    lock.close()
    throw isBusy(error) ? heldBy(path) : error
  }
  writeFileSync(join(path, HOLDER_FILE), `${JSON.stringify({ pid: process.pid, since: new Date().toISOString() })}\n`, {
    mode: 0o600,
  })
  return {
    dir: path,
    release() {
      if (lock.isOpen) lock.close()
    },
  }
}

const isBusy = (error: unknown): boolean =>
  error instanceof Error && 'errcode' in error && error.errcode === SQLITE_BUSY

function heldBy(dir: string) {
  const holder = readHolder(dir)
  const who = holder ? `process ${holder.pid} since ${holder.since}` : 'another process'
  return conflict(
    `The data folder ${dir} is in use by ${who}. Stop that process, or choose another folder with --data-dir or BUD_DATA_DIR.`,
    [{ code: 'data-dir-in-use', message: `${dir} is locked by ${who}.` }],
  )
}

function readHolder(dir: string): { pid: number; since: string } | undefined {
  try {
    return JSON.parse(readFileSync(join(dir, HOLDER_FILE), 'utf8'))
  } catch {
    return undefined
  }
}
