/** The text of one choice, token by token, with stop strings found across token borders and never let out. */
import { createText } from '../domain/text-generator.ts'
import type { GenerationRequest } from './parse-request.ts'

/** What one token adds: text that may be sent, and why the text ends here if it does. */
export interface Piece {
  text: string
  end: { by: 'eos' } | { by: 'stop-string'; stop: string } | null
}

export class ChoiceText {
  readonly #request: Pick<GenerationRequest, 'stop' | 'ignoreEos' | 'minTokens'>
  readonly #source: ReturnType<typeof createText>
  readonly #holdBack: number
  #held = ''
  #tokens = 0
  #atEnd = false

  constructor(
    request: Pick<GenerationRequest, 'stop' | 'ignoreEos' | 'minTokens' | 'seed'>,
    topic: string,
    index: number,
  ) {
    this.#request = request
    this.#source = createText(topic, request.seed, index)
    this.#holdBack = Math.max(0, ...request.stop.map((stop) => stop.length - 1))
  }

  /** The next token. After the natural end comes one token without text, as end-of-sequence tokens are. */
  next(): Piece {
    this.#tokens++
    const mayEnd = this.#tokens >= this.#request.minTokens
    if (this.#atEnd && !this.#request.ignoreEos && mayEnd) return { text: this.rest(), end: { by: 'eos' } }
    const { token, isEnd } = this.#source.next()
    this.#atEnd ||= isEnd
    const text = this.#held + token
    const found = mayEnd ? firstStop(text, this.#request.stop) : undefined
    if (found !== undefined) {
      this.#held = ''
      return { text: text.slice(0, found.at), end: { by: 'stop-string', stop: found.stop } }
    }
    const free = Math.max(0, text.length - this.#holdBack)
    this.#held = text.slice(free)
    return { text: text.slice(0, free), end: null }
  }

  /** What was held back, for an end that no stop string made. */
  rest(): string {
    const held = this.#held
    this.#held = ''
    return held
  }
}

function firstStop(text: string, stops: readonly string[]): { at: number; stop: string } | undefined {
  let first: { at: number; stop: string } | undefined
  for (const stop of stops) {
    const at = text.indexOf(stop)
    if (at >= 0 && (first === undefined || at < first.at)) first = { at, stop }
  }
  return first
}
