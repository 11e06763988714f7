/** Speaks the control protocol with one simulated cluster: finds its process, and finds it again after a restart. */
import { BudError, failed, messageOf, type Reason, unavailable } from '@bud/kernel'
import { z } from 'zod'
import type { ClusterRecord } from '../domain/records.ts'
import type { SimulatorHost } from '../ports.ts'

const REQUEST_TIMEOUT_MS = 10_000

const ErrorBody = z.object({
  error: z.object({
    message: z.string(),
    reasons: z.array(z.object({ code: z.string(), message: z.string() })).default([]),
  }),
})

export class SimulatedConnection {
  readonly #host: SimulatorHost
  readonly #cluster: Parameters<SimulatorHost['connect']>[0]
  #address: Promise<{ url: string; token: string }> | undefined

  constructor(host: SimulatorHost, { id, spec }: Pick<ClusterRecord, 'id' | 'spec'>) {
    this.#host = host
    this.#cluster = { id, nodes: spec.nodes, startup_time_factor: spec.startup_time_factor }
  }

  /** Undefined for 404. Throws `unavailable` when the process does not answer, `failed` when it refuses. */
  async request<T>(
    schema: z.ZodType<T>,
    method: 'GET' | 'PUT' | 'DELETE',
    path: string,
    body?: unknown,
  ): Promise<T | undefined> {
    const response = await this.#send(method, path, body)
    if (response.status === 404) return undefined
    if (!response.ok) throw await refusal(method, path, response)
    return schema.parse(response.status === 204 ? undefined : await response.json())
  }

  /** A stale address is looked up once more: the process may have come back elsewhere. */
  async #send(method: string, path: string, body: unknown): Promise<Response> {
    const known = this.#address !== undefined
    try {
      const response = await this.#fetch(method, path, body)
      if (response.status !== 401 || !known) return response
    } catch (error) {
      if (!known) throw error
    }
    this.#address = undefined
    return this.#fetch(method, path, body)
  }

  async #fetch(method: string, path: string, body: unknown): Promise<Response> {
    this.#address ??= this.#host.connect(this.#cluster)
    try {
      const { url, token } = await this.#address
      return await fetch(`${url}/control${path}`, {
        method,
        headers: {
          authorization: `Bearer ${token}`,
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS),
      })
    } catch (error) {
      this.#address = undefined
      if (error instanceof BudError) throw error
      const cause = error instanceof Error && error.cause !== undefined ? error.cause : error
      throw unavailable(`The simulator of cluster ${this.#cluster.id} does not answer: ${messageOf(cause)}.`, error)
    }
  }
}

async function refusal(method: string, path: string, response: Response): Promise<BudError> {
  const text = await response.text()
  const parsed = ErrorBody.safeParse(parseJson(text))
  const message = `The simulated cluster refused ${method} ${path} (${response.status}): ${parsed.data?.error.message ?? text.slice(0, 500)}`
  const reasons: Reason[] = parsed.data?.error.reasons ?? []
  return response.status >= 500 ? unavailable(message) : failed(message, reasons)
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
