/** Bytes as the text that lenient readers see in them: by the mark at their start, else UTF-8. */

const MARKS: [bytes: number[], decode: (content: Uint8Array) => string][] = [
  [[0xff, 0xfe, 0, 0], (content) => utf32(content, true)],
  [[0, 0, 0xfe, 0xff], (content) => utf32(content, false)],
  [[0xff, 0xfe], (content) => strict('utf-16le', content)],
  [[0xfe, 0xff], (content) => strict('utf-16be', content)],
  [[0xef, 0xbb, 0xbf], (content) => strict('utf-8', content)],
]

/** Without its mark. Undefined when it is no text, or one without a mark in an encoding that needs one. */
export function decodeText(content: Uint8Array): string | undefined {
  const mark = MARKS.find(([bytes]) => bytes.every((byte, i) => content[i] === byte))
  try {
    const text = mark ? mark[1](content.subarray(mark[0].length)) : strict('utf-8', content)
    return text.includes('\0') ? undefined : text
  } catch {
    return undefined
  }
}

const strict = (encoding: string, content: Uint8Array): string =>
  new TextDecoder(encoding, { fatal: true, ignoreBOM: true }).decode(content)

function utf32(content: Uint8Array, littleEndian: boolean): string {
  if (content.length % 4 !== 0) throw new RangeError('Half a character.')
  const view = new DataView(content.buffer, content.byteOffset, content.length)
  const parts: string[] = []
  for (let at = 0; at < content.length; at += 4) parts.push(String.fromCodePoint(view.getUint32(at, littleEndian)))
  return parts.join('')
}
