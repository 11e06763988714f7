/** Pages in memory, for tests that need no HTTP. */
import { unavailable } from '@bud/kernel'
import { type Exposition, parseExposition } from '../domain/exposition.ts'
import type { MetricSource, ScrapeRequest } from '../ports.ts'

export class FakeMetricSource implements MetricSource {
  /** By address; an address that is not here does not answer. */
  readonly pages = new Map<string, string>()
  /** Addresses in the order they were asked. */
  readonly asked: string[] = []

  async scrape({ url, names }: ScrapeRequest): Promise<Exposition> {
    this.asked.push(url)
    const page = this.pages.get(url)
    if (page === undefined) throw unavailable(`${url} did not answer: connection refused`)
    return parseExposition(page, names)
  }
}
