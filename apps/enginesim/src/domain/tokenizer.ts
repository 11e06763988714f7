/**
 * The simulator's tokenizer, stated so that counts can be checked by hand. A token is, with the one space before it:
 * up to 6 letters of a word, up to 3 digits of a number, a run of line breaks, or one other character. English text
 * comes to about 1.3 tokens a word, as with the tokenizers it stands for.
 */

const LETTERS = 6
const DIGITS = 3
const SPACE = 32

/** Calls `onToken` with the bounds of each token of `text`, in order. */
export function scanTokens(text: string, onToken: (start: number, end: number) => void): void {
  let at = 0
  while (at < text.length) {
    const start = at
    if (text.charCodeAt(at) === SPACE && at + 1 < text.length) at++
    at = endOfPiece(text, at)
    onToken(start, at)
  }
}

export function countTokens(text: string): number {
  let count = 0
  scanTokens(text, () => count++)
  return count
}

export function splitTokens(text: string): string[] {
  const tokens: string[] = []
  scanTokens(text, (start, end) => tokens.push(text.slice(start, end)))
  return tokens
}

function endOfPiece(text: string, at: number): number {
  const code = text.charCodeAt(at)
  if (isLetter(code)) return endOfRun(text, at, isLetter, LETTERS)
  if (isDigit(code)) return endOfRun(text, at, isDigit, DIGITS)
  if (isLineBreak(code)) return endOfRun(text, at, isLineBreak, text.length)
  return at + (code >= 0xd800 && code <= 0xdbff && at + 1 < text.length ? 2 : 1)
}

function endOfRun(text: string, at: number, belongs: (code: number) => boolean, longest: number): number {
  let end = at + 1
  while (end < text.length && end - at < longest && belongs(text.charCodeAt(end))) end++
  return end
}

const isLetter = (code: number) => (code >= 97 && code <= 122) || (code >= 65 && code <= 90)
const isDigit = (code: number) => code >= 48 && code <= 57
const isLineBreak = (code: number) => code === 10 || code === 13
