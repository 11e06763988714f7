/** Secrets that programs on this machine share through the data folder: readable by its owner only. */
import { randomBytes } from 'node:crypto'
import { chmodSync, existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs'

export function writeSecretFile(file: string, secret: string): void {
  const draft = `${file}.new`
  writeFileSync(draft, `${secret}\n`, { mode: 0o600 })
  chmodSync(draft, 0o600)
  renameSync(draft, file)
}

/** The secret in the file, made on first use (256 random bits). */
export function keepSecretFile(file: string): string {
  if (!existsSync(file)) writeSecretFile(file, randomBytes(32).toString('hex'))
  return readFileSync(file, 'utf8').trim()
}
