/** What a file inside a model may be called: the name becomes a store key, an argument of engines and a line on a screen. */

const MAX_PATH_BYTES = 1024
const MAX_SEGMENT_BYTES = 255
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
const CONTROL = /[\u0000-\u001f\u007f-\u009f]/
/** Text-direction and invisible characters: a name that reads differently from what it is. */
const DECEPTIVE = /[\p{Default_Ignorable_Code_Point}\p{Bidi_Control}\u2028\u2029\ufff9-\uffff]/u

/** Why `path` (relative, "/"-separated) may not be used, as the end of a sentence; undefined when it may. */
export function oddPathReason(path: string): string | undefined {
  if (path === '') return 'is empty'
  if (Buffer.byteLength(path) > MAX_PATH_BYTES) return `is longer than ${MAX_PATH_BYTES} bytes`
  if (CONTROL.test(path)) return 'contains control characters'
  if (DECEPTIVE.test(path)) return 'contains invisible or text-direction characters'
  if (!path.isWellFormed()) return 'is not valid Unicode'
  if (path.includes('\\')) return 'contains a backslash'
  if (path.startsWith('/') || /^[A-Za-z]:/.test(path)) return 'is absolute'
  for (const segment of path.split('/')) {
    const reason = oddSegmentReason(segment)
    if (reason) return reason
  }
  return undefined
}

function oddSegmentReason(segment: string): string | undefined {
  if (segment === '') return 'has an empty part'
  if (segment === '.' || segment === '..') return 'leads out of the model’s folder'
  if (segment !== segment.trim()) return 'has a part that begins or ends with a space'
  if (Buffer.byteLength(segment) > MAX_SEGMENT_BYTES) return `has a part longer than ${MAX_SEGMENT_BYTES} bytes`
  return undefined
}

/** The last part of a "/"-separated path. */
export const baseName = (path: string): string => path.slice(path.lastIndexOf('/') + 1)

/** Of "weights.zip » folder/data.pkl", as entries of archives are called, the last part. */
export const innermostName = (path: string): string =>
  baseName(path.slice(path.lastIndexOf(' » ') + 1).replace(/^» /, ''))

/** Lower case, with the dot; '' without one. */
export function extensionOf(path: string): string {
  const name = baseName(path)
  const dot = name.lastIndexOf('.')
  return dot <= 0 ? '' : name.slice(dot).toLowerCase()
}

const NOT_SHOWN = new RegExp(`${CONTROL.source}|${DECEPTIVE.source}`, 'gu')

/** A name with what cannot be shown made visible, for messages. */
export const printable = (text: string): string =>
  text.toWellFormed().replace(NOT_SHOWN, (char) => `\\u{${char.codePointAt(0)?.toString(16)}}`)
