/** Small secrets at rest: AES-256-GCM under one key. */
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import { failed, invalidInput } from '@bud/kernel'
import type { SecretBox } from '../ports.ts'

const ALGORITHM = 'aes-256-gcm'
export const SECRET_KEY_BYTES = 32
const NONCE_BYTES = 12
const TAG_BYTES = 16
const PREFIX = 'v1.'

export function createSecretBox(key: Uint8Array): SecretBox {
  if (key.length !== SECRET_KEY_BYTES) {
    throw invalidInput(`The secret key has ${key.length} bytes; ${SECRET_KEY_BYTES} are needed.`)
  }
  return {
    seal(plain) {
      const nonce = randomBytes(NONCE_BYTES)
      const cipher = createCipheriv(ALGORITHM, key, nonce)
      const sealed = Buffer.concat([nonce, cipher.update(plain, 'utf8'), cipher.final(), cipher.getAuthTag()])
      return PREFIX + sealed.toString('base64url')
    },
    open(sealed) {
      const bytes = Buffer.from(sealed.slice(PREFIX.length), 'base64url')
      try {
        if (!sealed.startsWith(PREFIX)) throw new Error('unknown format')
        const decipher = createDecipheriv(ALGORITHM, key, bytes.subarray(0, NONCE_BYTES))
        decipher.setAuthTag(bytes.subarray(-TAG_BYTES))
        return decipher.update(bytes.subarray(NONCE_BYTES, -TAG_BYTES), undefined, 'utf8') + decipher.final('utf8')
      } catch (error) {
        throw failed(
          'A stored secret cannot be opened: it was sealed with another key. Restore the key file it was sealed with.',
          [],
          error,
        )
      }
    },
  }
}
