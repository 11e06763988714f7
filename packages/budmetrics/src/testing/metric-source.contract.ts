/** What every MetricSource must do; `serve` makes its pages reachable. */
import { BudError } from '@bud/kernel'
import { describe, expect, it } from 'vitest'
import type { MetricSource } from '../ports.ts'

export interface MetricSourceHarness {
  source: MetricSource
  /** Answers the address under which `text` is found from now on. */
  serve(text: string): Promise<string> | string
  /** An address nobody answers at. */
  deadUrl(): Promise<string> | string
}

export function describeMetricSource(name: string, open: () => Promise<MetricSourceHarness> | MetricSourceHarness) {
  describe(`MetricSource: ${name}`, () => {
    const names = new Set(['a_total', 'b_bucket'])

    it('answers the samples of the names that were asked for, and no others', async () => {
      const { source, serve } = await open()
      const url = await serve('# TYPE a counter\na_total{x="1"} 2\nb_bucket{le="+Inf"} 3\nc 4\n')
      expect([...(await source.scrape({ url, names }))]).toEqual([
        ['a_total', [{ labels: { x: '1' }, value: 2 }]],
        ['b_bucket', [{ labels: { le: '+Inf' }, value: 3 }]],
      ])
    })

    it('answers an empty exposition for a page without them', async () => {
      const { source, serve } = await open()
      for (const text of ['', '<html></html>', '{"requests": 3}']) {
        expect((await source.scrape({ url: await serve(text), names })).size).toBe(0)
      }
    })

    it('answers what the page says now, not what it said before', async () => {
      const { source, serve } = await open()
      const before = await serve('a_total 1\n')
      await source.scrape({ url: before, names })
      const after = await serve('a_total 2\n')
      expect((await source.scrape({ url: after, names })).get('a_total')).toEqual([{ labels: {}, value: 2 }])
    })

    it('throws unavailable, naming the address, when nobody answers', async () => {
      const { source, deadUrl } = await open()
      const url = await deadUrl()
      const error: unknown = await source.scrape({ url, names }).catch((thrown: unknown) => thrown)
      expect(error).toBeInstanceOf(BudError)
      expect(error).toMatchObject({ code: 'unavailable', retryable: true, message: expect.stringContaining(url) })
    })
  })
}
