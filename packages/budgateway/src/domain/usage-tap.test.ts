import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type AnswerTap, createEventTap, createJsonTap } from './usage-tap.ts'

const usage = { prompt_tokens: 7, total_tokens: 10, completion_tokens: 3 }
const counts = { prompt_tokens: 7, completion_tokens: 3 }
const data = (body: unknown) => `data: ${JSON.stringify(body)}\n\n`
const chunk = (content: string, extra = {}) => data({ choices: [{ index: 0, delta: { content } }], ...extra })

function pass(tap: AnswerTap, pieces: readonly Buffer[]): string {
  const out = pieces.map((piece) => tap.push(piece)?.toString('latin1') ?? '')
  return Buffer.from(out.join('') + (tap.end()?.toString('latin1') ?? ''), 'latin1').toString()
}

/** The bytes cut at the given places. */
function cut(text: string, places: readonly number[]): Buffer[] {
  const bytes = Buffer.from(text)
  const ends = [...new Set(places.map((place) => place % bytes.length))].sort((a, b) => a - b)
  return [...ends, bytes.length].map((end, i) => bytes.subarray(ends[i - 1] ?? 0, end))
}
const places = fc.array(fc.nat(), { maxLength: 12 })

describe('event tap', () => {
  const escaped = chunk(' "usage": {"prompt_tokens":1} zwei ✓', { usage: null })
  const content = `${chunk('ein')}${escaped}: ping\n\n`
  const usageOnly = data({ choices: [], usage })
  const stream = `${content}${usageOnly}data: [DONE]\n\n`

  it('passes every byte and reads the usage, wherever the stream is cut', () => {
    fc.assert(
      fc.property(places, (at) => {
        const tap = createEventTap({ stripUsage: false })
        expect(pass(tap, cut(stream, at))).toBe(stream)
        expect(tap.tokens).toEqual(counts)
      }),
      { seed: 7 },
    )
  })

  it('leaves out the usage chunk that the client did not ask for, and only that, wherever the stream is cut', () => {
    fc.assert(
      fc.property(places, fc.boolean(), (at, windows) => {
        const ends = (text: string) => (windows ? text.replaceAll('\n', '\r\n') : text)
        const tap = createEventTap({ stripUsage: true })
        expect(pass(tap, cut(ends(stream), at))).toBe(ends(`${content}data: [DONE]\n\n`))
        expect(tap.tokens).toEqual(counts)
      }),
      { seed: 7 },
    )
  })

  it('keeps a chunk that carries usage beside content', () => {
    const both = chunk('ein', { usage })
    const tap = createEventTap({ stripUsage: true })
    expect(pass(tap, [Buffer.from(both)])).toBe(both)
    expect(tap.tokens).toEqual(counts)
  })

  it('passes whole events at once and holds back an unfinished one', () => {
    const tap = createEventTap({ stripUsage: true })
    const first = chunk('ein')
    expect(tap.push(Buffer.from(`${first}data: {"cho`))?.toString()).toBe(first)
    expect(tap.push(Buffer.from('ices":[]}'))).toBeUndefined()
    expect(tap.push(Buffer.from('\n\n'))?.toString()).toBe('data: {"choices":[]}\n\n')
  })

  it('does not hoard an event without end', () => {
    const tap = createEventTap({ stripUsage: true })
    const filler = Buffer.alloc(300_000, 'x')
    const passed = [1, 2, 3, 4].map(() => tap.push(filler)?.length ?? 0)
    expect(passed).toEqual([0, 0, 0, 1_200_000])
  })
})

describe('json tap', () => {
  it('passes every byte at once and reads the usage, wherever the body is cut', () => {
    const body = JSON.stringify({
      choices: [{ message: { content: 'say "usage": {"prompt_tokens": 1}' }, finish_reason: 'usage' }],
      usage: { ...usage, prompt_tokens_details: { cached_tokens: 2 } },
      kv: null,
    })
    fc.assert(
      fc.property(places, (at) => {
        const tap = createJsonTap()
        const pieces = cut(body, at)
        expect(pieces.map((piece) => tap.push(piece))).toEqual(pieces)
        expect(tap.tokens).toEqual(counts)
      }),
      { seed: 7 },
    )
  })

  it('reads embeddings’ usage, which counts no answer, at the end of megabytes', () => {
    const tap = createJsonTap()
    const body = JSON.stringify({
      data: [{ embedding: Array(200_000).fill(0.25) }],
      usage: { prompt_tokens: 7, total_tokens: 7 },
    })
    pass(tap, cut(body, [65_536, 131_072, body.length - 20]))
    expect(tap.tokens).toEqual({ prompt_tokens: 7, completion_tokens: null })
  })

  it('says nothing where nothing was said', () => {
    const tap = createJsonTap()
    pass(tap, [Buffer.from('{"usage": {"prompt_tokens": "many"}, "x": {"usage": null}}')])
    expect(tap.tokens).toBeUndefined()
  })
})
