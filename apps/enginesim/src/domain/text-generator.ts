/** What a simulated engine says: plain sentences that are true of it, the same for the same prompt and seed. */
import { createRandom, hashText } from './random.ts'
import { splitTokens } from './tokenizer.ts'

const SENTENCES = [
  'Tokens leave one at a time, as they would from a real engine.',
  'The time between them follows a physical model of the GPU.',
  'Requests that arrive together share every step of the batch.',
  'A longer prompt takes longer to read, so its first token comes later.',
  'When the cache for attention is full, new requests wait for room.',
  'The words come from a short list, and their order from a seed.',
  'The same prompt with the same seed gives the same words again.',
  'Nothing here should be taken as an answer to the question itself.',
  'To get a real answer, deploy the model on a cluster with real GPUs.',
  'The route, the stream and the counting around this text are the real ones.',
  'Closing the connection early frees its place in the batch at once.',
  'Each step reads the weights once for all requests that are being decoded.',
  'The queue grows when requests arrive faster than the steps can serve them.',
  'Usage is counted with a simple tokenizer that its source describes.',
] as const

const EXCERPT_CHARACTERS = 60

/**
 * An endless supply of tokens; `isEnd` says after which one the text would naturally end. `index` tells the choices
 * of one request apart.
 */
export function createText(prompt: string, seed: number, index: number): { next(): { token: string; isEnd: boolean } } {
  const random = createRandom(hashText(prompt, seed + index * 7919))
  const sentences = 2 + Math.floor(random() * 7)
  let pending = splitTokens(opening(prompt)).reverse()
  let written = 1
  return {
    next() {
      if (pending.length === 0) {
        const sentence = SENTENCES[Math.floor(random() * SENTENCES.length)] ?? SENTENCES[0]
        pending = splitTokens(` ${sentence}`).reverse()
        written++
      }
      const token = pending.pop() ?? ''
      return { token, isEnd: pending.length === 0 && written >= sentences }
    },
  }
}

function opening(prompt: string): string {
  const lastLine = prompt.trim().replace(/\s+/g, ' ')
  if (lastLine === '') return 'This is simulated text: no model was run.'
  const excerpt =
    lastLine.length > EXCERPT_CHARACTERS ? `${lastLine.slice(0, EXCERPT_CHARACTERS).trimEnd()} …` : lastLine
  return `This is simulated text about “${excerpt}”: no model was run.`
}
