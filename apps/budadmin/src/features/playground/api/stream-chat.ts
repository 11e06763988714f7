/** One chat completion through the gateway, streamed. */
import { type ChatChunk, parseChunk, splitEvents } from '../prepare/sse.ts'
import { forgetPlaygroundKey, playgroundKey } from './playground-key.ts'

export interface ChatMessage {
  role: 'user' | 'assistant'
  content: string
}

export interface ChatRequest {
  baseUrl: string
  model: string
  messages: readonly ChatMessage[]
  signal: AbortSignal
}

/** A new key reaches the gateway with its next snapshot. */
const KEY_TRIES = 12
const KEY_WAIT_MS = 250

export async function* streamChat(request: ChatRequest): AsyncGenerator<ChatChunk> {
  const response = await send(request)
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader()
  if (!reader) return
  let buffer = ''
  for (;;) {
    const { done, value } = await reader.read()
    if (done) return
    const { data, rest } = splitEvents(buffer + value)
    buffer = rest
    for (const event of data) {
      const chunk = parseChunk(event)
      if (!chunk) return
      yield chunk
    }
  }
}

async function send(request: ChatRequest): Promise<Response> {
  for (let attempt = 1; ; attempt += 1) {
    const { secret } = await playgroundKey()
    const response = await post(request, secret)
    if (response.ok) return response
    if (response.status !== 401 || attempt >= KEY_TRIES) throw new Error(await errorText(response))
    if (attempt === KEY_TRIES / 2) forgetPlaygroundKey()
    await new Promise((resolve) => setTimeout(resolve, KEY_WAIT_MS))
  }
}

const post = ({ baseUrl, model, messages, signal }: ChatRequest, secret: string): Promise<Response> =>
  fetch(`${baseUrl}/chat/completions`, {
    method: 'POST',
    signal,
    headers: { authorization: `Bearer ${secret}`, 'content-type': 'application/json' },
    body: JSON.stringify({ model, messages, stream: true, stream_options: { include_usage: true } }),
  })

async function errorText(response: Response): Promise<string> {
  const text = await response.text()
  try {
    const body = JSON.parse(text) as { error?: { message?: string }; message?: string }
    return body.error?.message ?? body.message ?? text
  } catch {
    return text || `The gateway answered ${response.status}.`
  }
}
