/** The gateway's stream as chunks of text, in the form of OpenAI's chat completions. */

/** What one line of data brings. */
export interface ChatChunk {
  text: string
  /** Comes once, with the last chunk. */
  completionTokens: number | undefined
  finishReason: string | undefined
}

/** Splits what has arrived into whole events' data; `rest` waits for more. */
export function splitEvents(buffer: string): { data: string[]; rest: string } {
  const parts = buffer.replaceAll('\r\n', '\n').split('\n\n')
  const rest = parts.pop() ?? ''
  const data = parts.flatMap((part) =>
    part
      .split('\n')
      .filter((line) => line.startsWith('data:'))
      .map((line) => line.slice(5).trim()),
  )
  return { data, rest }
}

/** undefined for "[DONE]". Throws an error that the stream carries. */
export function parseChunk(data: string): ChatChunk | undefined {
  if (data === '[DONE]') return undefined
  const chunk = JSON.parse(data) as StreamedChunk
  if (chunk.error) throw new Error(chunk.error.message ?? 'The engine broke the answer off.')
  const [choice] = chunk.choices ?? []
  return {
    text: choice?.delta?.content ?? '',
    completionTokens: chunk.usage?.completion_tokens,
    finishReason: choice?.finish_reason ?? undefined,
  }
}

/** Only the fields in use; everything may be missing. */
interface StreamedChunk {
  choices?: { delta?: { content?: string | null }; finish_reason?: string | null }[]
  usage?: { completion_tokens?: number } | null
  error?: { message?: string }
}
