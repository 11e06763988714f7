/** A throw-away key for test platforms. */
import { randomBytes } from 'node:crypto'
import { SECRET_KEY_BYTES } from '../adapters/aes-secret-box.ts'

export const randomSecretKey = (): Uint8Array => randomBytes(SECRET_KEY_BYTES)
