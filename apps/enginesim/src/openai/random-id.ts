/** Ids as the engines make them. */
import { randomBytes } from 'node:crypto'

export const randomHex = (digits: number): string =>
  randomBytes(Math.ceil(digits / 2))
    .toString('hex')
    .slice(0, digits)
