/** Keys for the gateway: random enough that a plain digest keeps them safe, and recognisable by their first letters. */
import { createHash } from 'node:crypto'

const KEY_BYTES = 32
const SHOWN_LENGTH = 12

export interface NewKey {
  /** Shown once. */
  secret: string
  prefix: string
  sha256: string
}

/** `random` returns that many random bytes. */
export function createKey(random: (bytes: number) => Buffer): NewKey {
  const secret = `bud-sk-${random(KEY_BYTES).toString('base64url')}`
  return {
    secret,
    prefix: secret.slice(0, SHOWN_LENGTH),
    sha256: createHash('sha256').update(secret).digest('hex'),
  }
}
