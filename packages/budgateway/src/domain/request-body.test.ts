import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseRequestBody } from './request-body.ts'

const parse = (text: string, canStream = true) =>
  parseRequestBody(Buffer.from(text), { canStream, available: () => ['chat'] })

function bodyOf(text: string, canStream = true) {
  const parsed = parse(text, canStream)
  if (!parsed.ok) throw new Error(parsed.error.message)
  return parsed.body
}
const sent = (text: string, name = 'served') => bodyOf(text).toUpstream(name).toString()

describe('parseRequestBody', () => {
  it('leaves the bytes alone when the replica serves the model under its public name', () => {
    const bytes = Buffer.from('{"model":"chat"}')
    const parsed = parseRequestBody(bytes, { canStream: true, available: () => [] })
    expect(parsed.ok && parsed.body.toUpstream('chat')).toBe(bytes)
  })

  it('replaces the model and nothing else', () => {
    expect(sent('{"model" : "chat" ,"n":1.0,"seed":12345678901234567890}')).toBe(
      '{"model" : "served" ,"n":1.0,"seed":12345678901234567890}',
    )
  })

  it('replaces every repetition of the model, of which the last counts', () => {
    expect(bodyOf('{"model":"a","model":"b"}').model).toBe('b')
    expect(sent('{"model":"a","mod\\u0065l":"b"}')).toBe('{"model":"served","mod\\u0065l":"served"}')
  })

  it('gives every request what JSON.parse and a new model would give', () => {
    const extra = fc.dictionary(fc.string({ minLength: 1 }), fc.jsonValue())
    fc.assert(
      fc.property(extra, fc.string(), fc.string({ minLength: 1 }), (rest, before, name) => {
        const request = { ...rest, model: `${before}x`, stream: true }
        expect(JSON.parse(sent(JSON.stringify(request), name))).toEqual({
          ...JSON.parse(JSON.stringify(request)),
          model: name,
          stream_options:
            typeof rest.stream_options === 'object' && rest.stream_options !== null
              ? { ...rest.stream_options, include_usage: true }
              : { include_usage: true },
        })
      }),
      { seed: 7, numRuns: 300 },
    )
  })

  it.each([
    ['{"model":"m","stream":true}', '{"model":"m","stream":true,"stream_options":{"include_usage":true}}', false],
    [
      '{"model":"m","stream":true,"stream_options":null}',
      '{"model":"m","stream":true,"stream_options":{"include_usage":true}}',
      false,
    ],
    [
      '{"stream_options":{"x":1,"include_usage":false},"model":"m","stream":true}',
      '{"stream_options":{"x":1,"include_usage":true},"model":"m","stream":true}',
      false,
    ],
    [
      '{"stream_options":{"include_usage":true},"model":"m","stream":true}',
      '{"stream_options":{"include_usage":true},"model":"m","stream":true}',
      true,
    ],
    ['{"model":"m","stream":true,"stream_options":"x"}', '{"model":"m","stream":true,"stream_options":"x"}', false],
    ['{"model":"m","stream":false}', '{"model":"m","stream":false}', false],
  ])('asks for usage on streams alone: %s', (text, expected, wantsUsage) => {
    expect(sent(text, 'm')).toBe(expected)
    expect(bodyOf(text).wantsUsage).toBe(wantsUsage)
  })

  it('does not touch "stream" where nothing can be streamed', () => {
    expect(bodyOf('{"model":"m","stream":true}', false).toUpstream('m').toString()).toBe('{"model":"m","stream":true}')
  })

  it('names what is wrong, and what is served', () => {
    expect(parse('{"model":""}')).toMatchObject({ ok: false, error: { status: 400, param: 'model' } })
    expect(parse('{}')).toMatchObject({ error: { message: expect.stringContaining('Served: "chat"') } })
    expect(parse('[1]')).toMatchObject({ error: { message: expect.stringContaining('it is an array') } })
    expect(parse('{"model":"a"')).toMatchObject({ error: { message: expect.stringContaining('position 12') } })
  })
})
