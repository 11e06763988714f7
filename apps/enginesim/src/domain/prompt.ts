/** A prompt as the engine sees it: how many tokens, and which blocks of them it may have computed before. */
import { scanTokens } from './tokenizer.ts'

/** Tokens of one unit of prefix reuse. */
export const PREFIX_BLOCK_TOKENS = 16

export interface Prompt {
  text: string
  tokens: number
  /** Given as token ids: its text is not known. */
  isTokenIds: boolean
  /** A hash for each full block, each over everything before it too: equal hashes mean equal prefixes. */
  blocks: readonly number[]
}

export function promptFromText(text: string): Prompt {
  const hasher = createBlockHasher()
  scanTokens(text, (start, end) => {
    for (let i = start; i < end; i++) hasher.add(text.charCodeAt(i))
    hasher.endToken()
  })
  return { text, tokens: hasher.tokens(), isTokenIds: false, blocks: hasher.blocks }
}

export function promptFromTokenIds(ids: readonly number[]): Prompt {
  const hasher = createBlockHasher()
  for (const id of ids) {
    hasher.add(id)
    hasher.endToken()
  }
  return { text: '', tokens: ids.length, isTokenIds: true, blocks: hasher.blocks }
}

function createBlockHasher() {
  const blocks: number[] = []
  let tokens = 0
  // Two 26-bit lanes in one double: collisions stay improbable over millions of blocks.
  let low = 0x811c9dc5
  let high = 0x9747b28c
  return {
    blocks,
    tokens: () => tokens,
    add(value: number) {
      low = Math.imul(low ^ value, 0x01000193)
      high = Math.imul(high ^ value, 0x5bd1e995)
    },
    endToken() {
      tokens++
      if (tokens % PREFIX_BLOCK_TOKENS === 0) blocks.push((low >>> 6) * 67_108_864 + (high >>> 6))
    },
  }
}
