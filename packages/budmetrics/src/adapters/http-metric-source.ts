/** Reads Prometheus pages over HTTP: engines' and nodes' own. */
import { BudError, messageOf, unavailable } from '@bud/kernel'
import { Agent, request } from 'undici'
import { parseExposition } from '../domain/exposition.ts'
import type { MetricSource } from '../ports.ts'

export interface HttpMetricSourceOptions {
  /** For the whole answer; below the scrape interval, so that a hanging engine delays nobody. */
  timeoutMs?: number
  /** A page larger than this is refused. */
  maxBytes?: number
}

/** Close it to let go of its connections. */
export function createHttpMetricSource(
  options: HttpMetricSourceOptions = {},
): MetricSource & { close(): Promise<void> } {
  const { timeoutMs = 4_000, maxBytes = 8 * 1024 * 1024 } = options
  // Many simulated replicas live behind one address: a few connections each serve them all.
  const dispatcher = new Agent({ connections: 8, maxResponseSize: maxBytes, keepAliveTimeout: 30_000 })
  return {
    async scrape({ url, names }) {
      return parseExposition(await readPage(url, dispatcher, timeoutMs), names)
    },
    close: () => dispatcher.close(),
  }
}

async function readPage(url: string, dispatcher: Agent, timeoutMs: number): Promise<string> {
  try {
    const { statusCode, body } = await request(url, {
      dispatcher,
      headers: { accept: 'text/plain;version=0.0.4' },
      signal: AbortSignal.timeout(timeoutMs),
    })
    if (statusCode === 200) return await body.text()
    await body.dump()
    throw unavailable(`${url} answered ${statusCode}`)
  } catch (error) {
    if (error instanceof BudError) throw error
    throw unavailable(`${url} did not answer: ${reasonOf(error, timeoutMs)}`, error)
  }
}

function reasonOf(error: unknown, timeoutMs: number): string {
  if (error instanceof Error && error.name === 'TimeoutError') return `no answer in ${timeoutMs} ms`
  return messageOf(error)
}
