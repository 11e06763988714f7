/** The control plane over HTTP: POST /internal/gateway/sync and /internal/gateway/usage with the gateway token. */
import { BudError, invalidInput, messageOf, RouteSnapshot, unavailable } from '@bud/kernel'
import { Agent } from 'undici'
import type { ControlPlane } from '../ports.ts'

/** On top of what a long poll may wait. */
const TIMEOUT_MS = 10_000
const REFUSED_STATUSES = new Set([400, 413, 422])

export function createHttpControlPlane({ url, token }: { url: string; token: string }): ControlPlane & {
  close(): Promise<void>
} {
  const base = url.replace(/\/+$/, '')
  const agent = new Agent({ connections: 4, connect: { timeout: 5_000 } })

  const post = async (path: string, body: string, waitMs: number, signal: AbortSignal) => {
    const limit = waitMs + TIMEOUT_MS
    const { protocol, host, pathname } = new URL(base + path)
    try {
      const answer = await agent.request({
        origin: `${protocol}//${host}`,
        path: pathname,
        method: 'POST',
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
        body,
        headersTimeout: limit,
        bodyTimeout: limit,
        signal,
      })
      return { status: answer.statusCode, text: await answer.body.text() }
    } catch (cause) {
      throw unavailable(`The control plane at ${base} cannot be reached: ${messageOf(cause)}`, cause)
    }
  }

  const refusal = ({ status, text }: { status: number; text: string }): BudError => {
    if (status === 401 || status === 403)
      return new BudError(
        'unavailable',
        `The control plane at ${base} refuses the gateway token. Give both the same one.`,
      )
    if (REFUSED_STATUSES.has(status)) return invalidInput(`The control plane refuses this: ${text.slice(0, 500)}`)
    return unavailable(`The control plane at ${base} answered ${status}: ${text.slice(0, 200)}`)
  }

  return {
    async sync(report, { waitMs, signal }) {
      const answer = await post('/internal/gateway/sync', JSON.stringify({ report, wait_ms: waitMs }), waitMs, signal)
      if (answer.status === 204) return undefined
      if (answer.status !== 200) throw refusal(answer)
      const snapshot = RouteSnapshot.safeParse(parseJson(answer.text))
      if (!snapshot.success)
        throw unavailable(`The control plane at ${base} sent no snapshot: ${snapshot.error.message}`)
      return snapshot.data
    },
    async postUsage({ json }, signal) {
      const answer = await post('/internal/gateway/usage', `{"records":${json}}`, 0, signal)
      if (answer.status !== 200) throw refusal(answer)
    },
    close: () => agent.destroy(),
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
