/** The state folder: made private, checked for being ours to use, and never opened by an older version. */
import { constants } from 'node:fs'
import { access, mkdir, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { BudError, failed, messageOf } from '@bud/kernel'
import { z } from 'zod'

/** Raised when an older version could no longer read the folder. */
const FORMAT = 1
const FORMAT_FILE = 'format.json'
const FormatFile = z.object({ format: z.number().int() })

/** Creates the folder (mode 0700) where it is missing; fails when it cannot be used, saying why and what to do. */
export async function openDataDir(dir: string): Promise<void> {
  await createFolder(dir)
  await access(dir, constants.R_OK | constants.W_OK | constants.X_OK).catch((error) => {
    throw unusable(dir, 'cannot be read and written by this user', error)
  })
  const format = await readFormat(dir)
  if (format > FORMAT) {
    throw failed(
      `The data folder ${dir} has format ${format}; this version of Bud AI Foundry knows formats up to ${FORMAT}. Start the newer version that wrote it, or choose another folder with --data-dir.`,
      [{ code: 'data-dir-newer-than-code', message: `Format ${format} is newer than ${FORMAT}.` }],
    )
  }
}

async function createFolder(dir: string): Promise<void> {
  try {
    await mkdir(dir, { recursive: true, mode: 0o700 })
    if ((await stat(dir)).isDirectory()) return
  } catch (error) {
    throw unusable(dir, 'cannot be created', error)
  }
  throw unusable(dir, 'is not a folder')
}

async function readFormat(dir: string): Promise<number> {
  const path = join(dir, FORMAT_FILE)
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (error) {
    if (!isMissing(error)) throw unusable(path, 'cannot be read', error)
    await writeFile(path, `${JSON.stringify({ format: FORMAT })}\n`, { mode: 0o600 }).catch((writeError) => {
      throw unusable(path, 'cannot be written', writeError)
    })
    return FORMAT
  }
  try {
    return FormatFile.parse(JSON.parse(text)).format
  } catch (error) {
    throw unusable(path, 'is damaged', error)
  }
}

const isMissing = (error: unknown): boolean => error instanceof Error && 'code' in error && error.code === 'ENOENT'

const unusable = (path: string, why: string, cause?: unknown) =>
  new BudError(
    'failed',
    `The data folder ${path} ${why}${cause === undefined ? '' : ` (${messageOf(cause)})`}. Correct its owner and permissions, or choose another with --data-dir or BUD_DATA_DIR.`,
    { reasons: [{ code: 'data-dir-unusable', message: `${path} ${why}.` }], cause },
  )
