/** JSON with its faults described as FastAPI describes them. */
import type { FieldError } from '../openai/problems.ts'

export function parseJson(text: string): { value: unknown } | { error: FieldError } {
  if (text === '') return { error: { type: 'missing', loc: ['body'], msg: 'Field required', input: null } }
  try {
    return { value: JSON.parse(text) }
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    const position = Number(/position (\d+)/.exec(message)?.[1] ?? 0)
    return {
      error: {
        type: 'json_invalid',
        loc: ['body', position],
        msg: 'JSON decode error',
        input: {},
        ctx: { error: reasonOf(message) },
      },
    }
  }
}

function reasonOf(message: string): string {
  if (message.includes('property name')) return 'Expecting property name enclosed in double quotes'
  return message.includes('after') ? 'Extra data' : 'Expecting value'
}
