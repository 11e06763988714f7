/** A conversation with one endpoint: the turns, and the answer as it comes. */
import { useEffect, useRef, useState } from 'react'
import type { AnswerTiming } from '../prepare/stats.ts'
import { type ChatMessage, streamChat } from './stream-chat.ts'

export interface Turn extends ChatMessage {
  key: number
  timing?: AnswerTiming
  error?: string
}

export interface ChatTarget {
  baseUrl: string
  model: string
}

export function useChat(target: ChatTarget) {
  const [turns, setTurns] = useState<Turn[]>([])
  const [pending, setPending] = useState(false)
  const abort = useRef<AbortController>(undefined)
  useEffect(() => () => abort.current?.abort(), [])

  const send = async (content: string) => {
    const history: Turn[] = [...turns, { key: turns.length, role: 'user', content }]
    const controller = new AbortController()
    abort.current = controller
    setPending(true)
    await receive(target, history, controller.signal, (answer) => setTurns([...history, answer]))
    setPending(false)
  }
  return { turns, pending, send, stop: () => abort.current?.abort(), clear: () => setTurns([]) }
}

async function receive(target: ChatTarget, history: Turn[], signal: AbortSignal, show: (answer: Turn) => void) {
  const timing: AnswerTiming = {
    sentMs: performance.now(),
    firstTokenMs: undefined,
    lastTokenMs: undefined,
    completionTokens: undefined,
  }
  let content = ''
  const answer = (more: Partial<Turn> = {}): Turn => ({
    key: history.length,
    role: 'assistant',
    content,
    timing: { ...timing },
    ...more,
  })
  show(answer())
  try {
    const messages = history.filter((turn) => !turn.error).map(({ role, content }) => ({ role, content }))
    for await (const chunk of streamChat({ ...target, messages, signal })) {
      if (chunk.text !== '') {
        timing.firstTokenMs ??= performance.now()
        timing.lastTokenMs = performance.now()
      }
      timing.completionTokens = chunk.completionTokens ?? timing.completionTokens
      content += chunk.text
      show(answer())
    }
  } catch (error) {
    show(answer({ error: signal.aborted ? 'Stopped.' : error instanceof Error ? error.message : String(error) }))
  }
}
