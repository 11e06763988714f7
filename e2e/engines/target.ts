/** An engine under test, and what every check asks of it. */
import type { EngineName } from '@bud/kernel'

export interface Target {
  baseUrl: string
  engine: EngineName
  version: string
}

/** Both engines under test are started with these. */
export const MODEL = 'tiny'
export const MAX_MODEL_LEN = 512
export const MAX_NUM_SEQS = 16

export interface Answer {
  status: number
  headers: Headers
  text: string
  /** The parsed body, or undefined when it is no JSON object. */
  json: Record<string, unknown> | undefined
}

export async function ask(target: Target, path: string, init: RequestInit = {}): Promise<Answer> {
  const response = await fetch(target.baseUrl + path, init)
  const text = await response.text()
  return { status: response.status, headers: response.headers, text, json: toObject(text) }
}

export const post = (target: Target, path: string, body: unknown): Promise<Answer> =>
  ask(target, path, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  })

export const chat = (over: object = {}) => ({
  model: MODEL,
  messages: [{ role: 'user', content: 'Hello' }],
  max_tokens: 4,
  ignore_eos: true,
  ...over,
})

export const completion = (over: object = {}) => ({
  model: MODEL,
  prompt: 'Hello world',
  max_tokens: 4,
  ignore_eos: true,
  ...over,
})

/** The frames of an event stream: parsed objects, and the end mark as it is. */
export function framesOf(text: string): (Record<string, unknown> | '[DONE]')[] {
  return text
    .split('\n\n')
    .filter((frame) => frame !== '')
    .map((frame) => {
      if (!frame.startsWith('data: ')) throw new Error(`no data frame: ${frame}`)
      const data = frame.slice('data: '.length)
      return data === '[DONE]' ? data : JSON.parse(data)
    })
}

export const keysOf = (value: unknown): string[] => Object.keys(value as object).sort()

/** The objects of an array-valued field. */
export const objectsIn = (value: Record<string, unknown> | undefined, field: string): Record<string, unknown>[] =>
  (value?.[field] ?? []) as Record<string, unknown>[]

function toObject(text: string): Record<string, unknown> | undefined {
  try {
    const value = JSON.parse(text)
    return typeof value === 'object' && value !== null ? value : undefined
  } catch {
    return undefined
  }
}
