/** Runs one request on an engine: a sequence for each choice, told token by token to a listener. */
import type { Sequence } from '../domain/batcher.ts'
import type { Engine, Submission } from '../engine/engine.ts'
import { ChoiceText } from './choice-text.ts'
import type { GenerationRequest } from './parse-request.ts'

export interface ChoiceEnd {
  reason: 'stop' | 'length'
  /** The stop string that ended it; null for the natural end or the limit. */
  stopString: string | null
}

export interface TokenEvent {
  /** Position of the choice in the answer. */
  index: number
  text: string
  /** Tokens of this choice so far, this one included. */
  tokens: number
  promptTokens: number
  end: ChoiceEnd | null
}

export interface Usage {
  promptTokens: number
  completionTokens: number
}

export interface GenerationListener {
  token(event: TokenEvent): void
  done(usage: Usage): void
}

/** `maxTokens[i]` is the room for each choice of prompt `i`. */
export function generate(
  engine: Engine,
  request: GenerationRequest,
  maxTokens: readonly number[],
  listener: GenerationListener,
): Submission {
  const promptTokens = request.prompts.reduce((sum, { prompt }) => sum + prompt.tokens, 0)
  let completionTokens = 0
  let open = request.prompts.length * request.n
  const sequences = request.prompts.flatMap(({ prompt, topic }, p) =>
    Array.from({ length: request.n }, (_, i): Sequence => {
      const index = p * request.n + i
      const text = new ChoiceText(request, topic, index)
      const limit = maxTokens[p] ?? 1
      let tokens = 0
      return {
        promptTokens: prompt.tokens,
        prefixBlocks: prompt.blocks,
        maxTokens: limit,
        streamed: request.stream,
        choices: request.n,
        emit() {
          tokens++
          completionTokens++
          const piece = text.next()
          const end = endOf(piece.end, tokens >= limit)
          const last = end?.reason === 'length' ? piece.text + text.rest() : piece.text
          listener.token({ index, text: last, tokens, promptTokens: prompt.tokens, end })
          return piece.end !== null
        },
        finished() {
          open--
          if (open === 0) listener.done({ promptTokens, completionTokens })
        },
      }
    }),
  )
  return engine.submit(sequences)
}

function endOf(end: { by: 'eos' } | { by: 'stop-string'; stop: string } | null, full: boolean): ChoiceEnd | null {
  if (end !== null) return { reason: 'stop', stopString: end.by === 'stop-string' ? end.stop : null }
  return full ? { reason: 'length', stopString: null } : null
}
