/** Requests to one hub or mirror: who gets the token, which redirects are followed, what is asked again. */
import { type Clock, failed } from '@bud/kernel'
import { type Dispatcher, request } from 'undici'
import type { HubConnection } from '../ports.ts'
import { type HubQuestion, notAHub, refusalOf, unreachable } from './hugging-face-refusals.ts'

export interface HubAnswer {
  status: number
  /** That sent the bytes. */
  host: string
  header(name: string): string | undefined
  body: Dispatcher.ResponseData['body']
  /** What the hub itself said on the way to another host. */
  linked: { etag: string | undefined; commit: string | undefined }
}

export interface HubRequest {
  question: HubQuestion
  headers?: Record<string, string>
  /** How long to wait, all in all, where the hub asks for it. */
  patienceMs: number
}

const MAX_REDIRECTS = 6
const MAX_TRIES = 3
const MAX_TOLD_TRIES = 8
const ANSWER_WITHIN_MS = 30_000
const NEXT_BYTES_WITHIN_MS = 60_000
/** A page of 1,000 files has about 300 KB. */
const MAX_JSON_BYTES = 64 * 1024 * 1024

export class HuggingFaceHttp {
  /** Without credentials and without a slash at the end. */
  readonly endpoint: string
  readonly hasToken: boolean
  readonly #token: string | undefined
  readonly #clock: Clock

  constructor({ endpoint, token }: HubConnection, clock: Clock) {
    const url = new URL(endpoint)
    this.endpoint = `${url.origin}${url.pathname.replace(/\/+$/, '')}`
    this.#token = token
    this.hasToken = token !== undefined
    this.#clock = clock
  }

  /** 2xx and 416 are answers; all else rejects, once there is no point in asking again. */
  async get(path: string, { question, headers, patienceMs }: HubRequest): Promise<HubAnswer> {
    let left = patienceMs
    for (let tries = 1; ; tries++) {
      const outcome = await this.#attempt(this.#at(path), question, headers)
      if ('answer' in outcome) return outcome.answer
      const { error, waitMs } = outcome
      const wait = waitMs ?? 500 * 2 ** (tries - 1)
      const again = error.retryable && wait <= left && tries < (waitMs === undefined ? MAX_TRIES : MAX_TOLD_TRIES)
      if (!again) throw error
      left -= wait
      await this.#clock.sleep(wait)
    }
  }

  /** For the client library: JSON answers only, and every page comes from this endpoint. */
  fetchJson(options: HubRequest): typeof fetch {
    return async (input) => {
      const { status, body, header } = await this.get(`${input}`, options)
      const text = await textOf(body)
      if (text === undefined) throw notAHub(options.question, `more than ${MAX_JSON_BYTES} bytes of JSON`)
      if (!isJson(text)) throw notAHub(options.question, `${header('content-type') ?? 'something'} instead of JSON`)
      return new Response(text, { status, headers: { 'content-type': 'application/json', link: header('link') ?? '' } })
    }
  }

  async #attempt(
    first: URL,
    question: HubQuestion,
    headers: Record<string, string> = {},
  ): Promise<{ answer: HubAnswer } | { error: ReturnType<typeof refusalOf>; waitMs?: number | undefined }> {
    const linked: HubAnswer['linked'] = { etag: undefined, commit: undefined }
    let url = first
    for (let hops = 0; hops <= MAX_REDIRECTS; hops++) {
      const own = url.origin === first.origin
      const response = await this.#send(url, own, headers).catch((error: unknown) => unreachable(question, error))
      if (response instanceof Error) return { error: response }
      const header = (name: string) => [response.headers[name]].flat()[0]
      linked.etag ??= own ? header('x-linked-etag') : undefined
      linked.commit ??= own ? header('x-repo-commit') : undefined
      const location = header('location')
      const { statusCode: status, body } = response
      if (status >= 300 && status < 400 && location !== undefined) {
        await body.dump()
        url = redirected(url, location, question)
        continue
      }
      if ((status >= 200 && status < 300) || status === 416)
        return { answer: { status, host: url.host, header, body, linked } }
      const text = (await textOf(body).catch(() => undefined)) ?? ''
      const waitMs = toldWaitMs(header, this.#clock.nowMs())
      const error = refusalOf(question, {
        status,
        code: header('x-error-code'),
        message: this.#withoutToken(header('x-error-message') ?? errorIn(text)),
        fileHost: own ? undefined : url.host,
        waitMs,
      })
      return { error, waitMs }
    }
    return { error: notAHub(question, 'it redirects in a circle') }
  }

  /** The token is for the hub: no other host gets it, wherever a redirect leads. */
  #send(url: URL, own: boolean, headers: Record<string, string>): Promise<Dispatcher.ResponseData> {
    return request(url, {
      method: 'GET',
      headers: {
        'user-agent': 'bud-ai-foundry',
        'accept-encoding': 'identity',
        ...headers,
        ...(own && this.#token !== undefined ? { authorization: `Bearer ${this.#token}` } : {}),
      },
      headersTimeout: ANSWER_WITHIN_MS,
      bodyTimeout: NEXT_BYTES_WITHIN_MS,
    })
  }

  /** Mirrors hand on pages that name the hub they mirror: they are asked for here all the same. */
  #at(address: string): URL {
    if (!/^https?:\/\//.test(address)) return new URL(`${this.endpoint}${address}`)
    const url = new URL(address)
    return url.origin === new URL(this.endpoint).origin ? url : new URL(`${this.endpoint}${url.pathname}${url.search}`)
  }

  #withoutToken(text: string | undefined): string | undefined {
    return this.#token === undefined ? text : text?.replaceAll(this.#token, '(token)')
  }
}

function redirected(from: URL, location: string, question: HubQuestion): URL {
  const to = URL.canParse(location, from.href) ? new URL(location, from) : undefined
  if (to?.protocol === 'https:' || (to?.protocol === 'http:' && from.protocol === 'http:')) return to
  throw failed(`${question.endpoint} leads to an address without encryption; it was not followed.`)
}

/** Retry-After in seconds or as a date, or what the hub's RateLimit header says of the current window. */
function toldWaitMs(header: HubAnswer['header'], nowMs: number): number | undefined {
  const after = header('retry-after')
  if (after !== undefined && /^\d+$/.test(after)) return Math.max(Number(after), 1) * 1000
  if (after !== undefined && !Number.isNaN(Date.parse(after))) return Math.max(Date.parse(after) - nowMs, 1000)
  const window = /\bt=(\d+)/.exec(header('ratelimit') ?? '')?.[1]
  return window === undefined ? undefined : Math.max(Number(window), 1) * 1000
}

async function textOf(body: AsyncIterable<Uint8Array>): Promise<string | undefined> {
  const chunks: Uint8Array[] = []
  let bytes = 0
  for await (const chunk of body) {
    bytes += chunk.length
    if (bytes > MAX_JSON_BYTES) return undefined
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString()
}

function errorIn(text: string): string | undefined {
  try {
    const parsed: unknown = JSON.parse(text)
    const told = parsed && typeof parsed === 'object' && 'error' in parsed ? parsed.error : undefined
    return typeof told === 'string' ? told : undefined
  } catch {
    return undefined
  }
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}
