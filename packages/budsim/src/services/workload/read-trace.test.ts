import { describe, expect, test } from 'vitest'
import { readTrace } from './read-trace.ts'

const lines = (...objects: object[]): string[] => [objects.map((one) => JSON.stringify(one)).join('\n')]

describe('a trace', () => {
  test('is mean and spread of lengths and arrivals, whatever the fields are called', async () => {
    const traces = [
      lines(
        { input_tokens: 100, output_tokens: 10, arrival_s: 0 },
        { input_tokens: 300, output_tokens: 30, arrival_s: 2 },
        { input_tokens: 200, output_tokens: 20, arrival_s: 4 },
      ),
      lines(
        { usage: { prompt_tokens: 100, completion_tokens: 10 }, timestamp: '2026-01-01T00:00:04Z' },
        { usage: { prompt_tokens: 300, completion_tokens: 30 }, timestamp: '2026-01-01T00:00:00Z' },
        { usage: { prompt_tokens: 200, completion_tokens: 20 }, timestamp: '2026-01-01T00:00:02Z' },
      ),
      ['TIMESTAMP,ContextTokens,GeneratedTokens\r\n0,100,10\r\n', '2,300,30\r\n4,', '200,20'],
      ['\uFEFFisl,osl,timestamp\n100,10,1767225600000\n300,30,1767225602000\n200,20,1767225604000\n'],
    ]
    for (const trace of traces) {
      expect(await readTrace(trace)).toEqual({
        workload: {
          input_tokens: 200,
          output_tokens: 20,
          input_tokens_cv: 0.5,
          output_tokens_cv: 0.5,
          prefix_cache_share: 0,
          request_rate_per_s: 1 / 2,
          arrival_cv: 0,
        },
        requests: 3,
        duration_s: 4,
        problems: [],
        skipped: 0,
      })
    }
  })

  test('without times leaves the load open', async () => {
    const { workload, duration_s } = await readTrace(['isl,osl\n10,5\n'])
    expect(workload).toEqual({
      input_tokens: 10,
      output_tokens: 5,
      input_tokens_cv: 0,
      output_tokens_cv: 0,
      prefix_cache_share: 0,
    })
    expect(duration_s).toBeNull()
  })

  test.each([
    ['cached tokens', { usage: { prompt_tokens_details: { cached_tokens: 50 } } }, 0.5],
    ['ids of shared prefixes', { prefix_id: 'system', prefix_tokens: 40 }, 0.2],
    ['hashes of blocks', { hash_ids: [1, 2] }, 0.5],
  ])('tells the share of prompts seen before by %s', async (_what, told, share) => {
    const request = { input_length: 100, output_length: 5, timestamp: 0, ...told }
    const { workload } = await readTrace(lines(request, { ...request, timestamp: 1000 }))
    expect(workload.prefix_cache_share).toBe(share)
    expect(workload.request_rate_per_s).toBe('hash_ids' in told ? 1 : 0.001)
  })

  test('leaves out lines that are no requests, and names them', async () => {
    const { requests, problems, skipped } = await readTrace([
      '{"isl": 10, "osl": 5}\n\nnonsense\n{"isl": "many", "osl": 5}\n[1]\n{"isl": 1, "osl": 1, "time": "soon"}\n{"problem": "none"}\n',
    ])
    expect([requests, skipped]).toEqual([1, 5])
    expect(problems.map(({ message }) => message)).toEqual([
      'Line 3: it is not JSON.',
      'Line 4: isl "many" is no number of tokens.',
      'Line 5: it is no JSON object.',
      'Line 6: time "soon" is no time.',
      expect.stringMatching(/^Line 7: none of input_tokens, .*, none of output_tokens, .* is there\.$/),
    ])
  })

  test.each([[''], ['\n'], ['{}'], ['a,b\n1,2\n'], ['\0\x01\x02']])('of nothing is refused: %j', async (text) => {
    await expect(readTrace([text])).rejects.toThrow(/The trace holds no request|No line of the trace is a request/)
  })
})
