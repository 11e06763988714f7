/** A byte-level BPE tokenizer trained on a few sentences: the smallest one that real engines load and that loses no text. */

const SPECIAL_TOKENS = ['<s>', '</s>', '<pad>']
/** GPT-2's word split, as tokenizers' ByteLevel applies it. */
const WORDS = /'(?:[sdmt]|ll|ve|re)| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+/gu

const CORPUS = [
  'The quick brown fox jumps over the lazy dog.',
  'Hello world, this is a tiny model made for trying a serving engine.',
  'One two three four five six seven eight nine ten.',
  'A cluster has many nodes and every node has eight devices.',
  'What is the latency of the first token, and how many tokens follow each second?',
  'user: Please write a short answer. assistant: This is a short answer with a few words.',
  'Choose a model, optimise its configuration, deploy it, watch the metrics and scale when requests wait in the queue.',
  'Every request is split into tokens, every token passes through all layers, and the cache keeps what was computed before.',
  'Graphics processors multiply matrices quickly; memory bandwidth decides how fast single tokens are generated.',
].join('\n')

export interface Bpe {
  vocabulary: Record<string, number>
  /** In the order they were learnt, parts joined by a space. */
  merges: string[]
}

/** Special tokens, the 256 bytes, then merges until `size` tokens are there. Deterministic. */
export function trainByteLevelBpe(size: number): Bpe {
  const alphabet = byteAlphabet()
  const tokens = [...SPECIAL_TOKENS, ...alphabet]
  const words = [...CORPUS.matchAll(WORDS)].map(([word]) => [...Buffer.from(word)].map((byte) => alphabet[byte] ?? ''))
  const known = new Set(tokens)
  const merges: string[] = []
  while (tokens.length < size) {
    const pair = mostFrequentPair(words)
    if (!pair) break
    const [left, right] = pair
    for (const word of words) mergeIn(word, left, right)
    merges.push(`${left} ${right}`)
    if (!known.has(left + right)) tokens.push(left + right)
    known.add(left + right)
  }
  return { vocabulary: Object.fromEntries(tokens.map((token, id) => [token, id])), merges }
}

/** The tokenizer.json of Hugging Face's tokenizers. */
export function toTokenizerJson({ vocabulary, merges }: Bpe): unknown {
  const byteLevel = { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: true }
  return {
    version: '1.0',
    truncation: null,
    padding: null,
    added_tokens: SPECIAL_TOKENS.map((content, id) => ({
      id,
      content,
      single_word: false,
      lstrip: false,
      rstrip: false,
      normalized: false,
      special: true,
    })),
    normalizer: null,
    pre_tokenizer: byteLevel,
    post_processor: null,
    decoder: byteLevel,
    model: {
      type: 'BPE',
      dropout: null,
      unk_token: null,
      continuing_subword_prefix: null,
      end_of_word_suffix: null,
      fuse_unk: false,
      byte_fallback: false,
      ignore_merges: false,
      vocab: vocabulary,
      merges,
    },
  }
}

/** GPT-2's visible character for each byte: printable Latin-1 stands for itself, the rest for U+0100 onwards. */
function byteAlphabet(): string[] {
  let next = 256
  return Array.from({ length: 256 }, (_, byte) => {
    const visible = (byte >= 33 && byte <= 126) || (byte >= 161 && byte <= 172) || byte >= 174
    return String.fromCharCode(visible ? byte : next++)
  })
}

/** Ties go to the pair that comes first in code-unit order. */
function mostFrequentPair(words: readonly string[][]): [string, string] | undefined {
  const counts = new Map<string, number>()
  for (const word of words) {
    for (let i = 0; i + 1 < word.length; i++) {
      const pair = `${word[i]} ${word[i + 1]}`
      counts.set(pair, (counts.get(pair) ?? 0) + 1)
    }
  }
  const [best] = [...counts].toSorted(([a, x], [b, y]) => y - x || (a < b ? -1 : 1))
  const [left, right] = best?.[0].split(' ') ?? []
  return left && right ? [left, right] : undefined
}

function mergeIn(word: string[], left: string, right: string): void {
  for (let i = 0; i + 1 < word.length; i++) {
    if (word[i] === left && word[i + 1] === right) word.splice(i, 2, left + right)
  }
}
