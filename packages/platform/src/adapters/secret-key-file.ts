/** The key of the secret box on one machine: made once, readable by its owner only. */
import { randomBytes } from 'node:crypto'
import { chmod, link, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { failed } from '@bud/kernel'
import { SECRET_KEY_BYTES } from './aes-secret-box.ts'

const KEY_FILE = 'secret.key'

/** Reads `<dataDir>/secret.key` (base64), creating it (mode 0600) when it is missing. */
export async function readSecretKeyFile(dataDir: string): Promise<Uint8Array> {
  const path = join(dataDir, KEY_FILE)
  let text = await readIfThere(path)
  if (text === undefined) {
    await createWhole(path, `${randomBytes(SECRET_KEY_BYTES).toString('base64')}\n`)
    text = await readFile(path, 'utf8')
  }
  const key = Buffer.from(text.trim(), 'base64')
  if (key.length !== SECRET_KEY_BYTES) {
    throw failed(`The key file ${path} is damaged: restore it from a backup; without it stored secrets are lost.`)
  }
  await chmod(path, 0o600)
  return key
}

async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw error
  }
}

/** A crash leaves the whole file or none. */
async function createWhole(path: string, text: string): Promise<void> {
  const draft = `${path}.${process.pid}`
  await writeFile(draft, text, { mode: 0o600, flush: true })
  await link(draft, path).finally(() => rm(draft, { force: true }))
}
