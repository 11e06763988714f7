/** Where a page of the list ends: the values that the list is sorted by, of the last model shown. */
import { createHash } from 'node:crypto'
import { invalidInput } from '@bud/kernel'
import { z } from 'zod'

export type CursorValue = string | number

const ListCursor = z.strictObject({ order: z.string(), after: z.array(z.union([z.string(), z.number()])) })

/** Lists with the same fingerprint are in the same order. */
export const orderFingerprint = (...parts: readonly string[]): string =>
  createHash('sha256').update(JSON.stringify(parts)).digest('base64url').slice(0, 12)

export const encodeCursor = (order: string, after: readonly CursorValue[]): string =>
  Buffer.from(JSON.stringify({ order, after })).toString('base64url')

/** `kinds`: what the list is sorted by, in turn. */
export function parseCursor(text: string, order: string, kinds: readonly ('string' | 'number')[]): CursorValue[] {
  const cursor = read(text)
  if (!cursor) throw refused('The cursor is not one that a list of models answered with.')
  if (cursor.order !== order) throw refused('The cursor is of a list that is sorted otherwise.')
  const { after } = cursor
  const fits = after.length === kinds.length && after.every((value, at) => kinds[at] === typeof value)
  if (!fits || after.some((value) => String(value).includes('\0'))) {
    throw refused('The cursor is not one that a list of models answered with.')
  }
  return after
}

function read(text: string): z.infer<typeof ListCursor> | undefined {
  try {
    return ListCursor.parse(JSON.parse(Buffer.from(text, 'base64url').toString()))
  } catch {
    return undefined
  }
}

const refused = (message: string): Error =>
  invalidInput(message, [
    {
      code: 'cursor-invalid',
      message: 'Cursors are taken from next_cursor as they are, with the same search and sort.',
      path: 'cursor',
      next_step: 'Leave the cursor out to start at the beginning.',
    },
  ])
