/** What routing needs from a request body, and the body as one replica should get it. */
import { type JsonObjectLayout, scanJsonObject } from './json-members.ts'
import { invalidJson, missingModel, type OpenAiError } from './openai-error.ts'

export interface RequestBody {
  model: string
  streamed: boolean
  /** The client asked for the usage chunk itself. */
  wantsUsage: boolean
  /**
   * The bytes for a replica that serves under `servedName`. On a stream they ask for usage. Everything else is the
   * client's, byte for byte.
   */
  toUpstream(servedName: string): Buffer
}

type Parsed = { ok: true; body: RequestBody } | { ok: false; error: OpenAiError }

interface Edit {
  start: number
  end: number
  text: string
}

/** `available` names the models for the message when none is given. */
export function parseRequestBody(bytes: Buffer, options: { canStream: boolean; available: () => string[] }): Parsed {
  const layout = scanJsonObject(bytes)
  if (!layout) return { ok: false, error: invalidJson(explain(bytes)) }
  const fields = readFields(bytes, layout)
  if (!fields) return { ok: false, error: invalidJson(explain(bytes)) }
  const { model, stream, streamOptions } = fields
  if (typeof model !== 'string' || model === '') return { ok: false, error: missingModel(options.available()) }
  const streamed = options.canStream && stream === true
  const wantsUsage = streamed && isRecord(streamOptions) && streamOptions.include_usage === true
  const usageEdits = streamed && !wantsUsage ? askForUsage(layout, streamOptions) : []
  const toUpstream = (servedName: string) => {
    const renamed = servedName === model ? [] : replaceAll(layout, 'model', JSON.stringify(servedName))
    return applyEdits(bytes, [...renamed, ...usageEdits])
  }
  return { ok: true, body: { model, streamed, wantsUsage, toUpstream } }
}

/** Of a repeated key the last counts, as for every JSON parser in use. undefined: one of the values is malformed. */
function readFields(bytes: Buffer, { members }: JsonObjectLayout) {
  const fields: { model?: unknown; stream?: unknown; streamOptions?: unknown } = {}
  try {
    for (const { key, valueStart, valueEnd } of members) {
      const value = () => JSON.parse(bytes.toString('utf8', valueStart, valueEnd)) as unknown
      if (key === 'model') fields.model = value()
      else if (key === 'stream') fields.stream = value()
      else if (key === 'stream_options') fields.streamOptions = value()
    }
  } catch {
    return undefined
  }
  return fields
}

function askForUsage(layout: JsonObjectLayout, current: unknown): Edit[] {
  if (current === undefined) {
    const text = `${layout.members.length > 0 ? ',' : ''}"stream_options":{"include_usage":true}`
    return [{ start: layout.closingBrace, end: layout.closingBrace, text }]
  }
  // Anything but an object or null is the engine's to refuse, in its own words.
  if (current !== null && !isRecord(current)) return []
  return replaceAll(layout, 'stream_options', JSON.stringify({ ...(current ?? {}), include_usage: true }))
}

const replaceAll = ({ members }: JsonObjectLayout, key: string, text: string): Edit[] =>
  members
    .filter((member) => member.key === key)
    .map(({ valueStart, valueEnd }) => ({ start: valueStart, end: valueEnd, text }))

function applyEdits(bytes: Buffer, edits: Edit[]): Buffer {
  if (edits.length === 0) return bytes
  const parts: Buffer[] = []
  let at = 0
  for (const { start, end, text } of edits.toSorted((a, b) => a.start - b.start)) {
    parts.push(bytes.subarray(at, start), Buffer.from(text))
    at = end
  }
  parts.push(bytes.subarray(at))
  return Buffer.concat(parts)
}

function explain(bytes: Buffer): string {
  if (bytes.length === 0) return 'it is empty. Send a JSON object with "model".'
  try {
    const value = JSON.parse(bytes.toString('utf8')) as unknown
    return `it is ${Array.isArray(value) ? 'an array' : value === null ? 'null' : `a ${typeof value}`}.`
  } catch (error) {
    return `${error instanceof Error ? error.message : String(error)}.`
  }
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
