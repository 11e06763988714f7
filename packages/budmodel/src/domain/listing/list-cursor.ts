/** Where a page of the list ends: registered models newest first, then catalogue entries by name. */
import { invalidInput } from '@bud/kernel'
import { z } from 'zod'

const ListCursor = z.union([
  z.strictObject({ registered: z.string().describe('Id of the last registered model shown.') }),
  z.strictObject({ catalogue: z.string().describe('Name of the last catalogue entry shown; "" for none yet.') }),
])
export type ListCursor = z.infer<typeof ListCursor>

export const encodeCursor = (cursor: ListCursor): string => Buffer.from(JSON.stringify(cursor)).toString('base64url')

export function parseCursor(text: string): ListCursor {
  try {
    return ListCursor.parse(JSON.parse(Buffer.from(text, 'base64url').toString()))
  } catch {
    throw invalidInput('The cursor is not one that a list of models answered with.', [
      {
        code: 'cursor-invalid',
        message: 'Cursors are taken from next_cursor as they are.',
        path: 'cursor',
        next_step: 'Leave the cursor out to start at the beginning.',
      },
    ])
  }
}
