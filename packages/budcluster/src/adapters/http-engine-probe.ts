/** Asks a replica over HTTP, on the engine's own paths. */
import { engineFacts } from '@bud/engines'
import { type BudError, failed, messageOf, type Reason, unavailable } from '@bud/kernel'
import { z } from 'zod'
import type { EngineProbe, ProbeTarget } from '../ports.ts'

export interface HttpEngineProbeOptions {
  fetch?: typeof globalThis.fetch
  nowMs?: () => number
  /** A health check or a list of models takes no longer. */
  timeout_ms?: number
  /** A short completion takes no longer, whatever else the engine is doing. */
  completion_timeout_ms?: number
}

const PROMPT = 'Say in one short sentence that you are ready.'
const PROMPT_MAX_TOKENS = 16

const ModelList = z.object({ data: z.array(z.object({ id: z.string() })) })
const Completion = z.object({
  choices: z.array(z.object({ message: z.object({ content: z.string().nullable() }) })).min(1),
})

export function createHttpEngineProbe(options: HttpEngineProbeOptions = {}): EngineProbe {
  const { nowMs = () => performance.now(), timeout_ms = 10_000, completion_timeout_ms = 60_000 } = options
  const send = options.fetch ?? globalThis.fetch

  const ask = async (what: string, url: string, init: RequestInit, timeoutMs: number): Promise<string> => {
    const response = await send(url, { ...init, signal: AbortSignal.timeout(timeoutMs) }).catch((error: unknown) => {
      throw unreachable(what, url, error, timeoutMs)
    })
    const body = await response.text().catch((error: unknown) => {
      throw unreachable(what, url, error, timeoutMs)
    })
    if (!response.ok) throw refuse(`${what} answered ${response.status}.`, `${url}: ${body.slice(0, 500)}`)
    return body
  }

  return {
    async check(target) {
      const facts = engineFacts(target.engine, target.engine_version)
      const at = (path: string) => `${target.base_url.replace(/\/$/, '')}${path}`
      await ask('The health check', at(facts.health_path), {}, timeout_ms)
      await checkListed(target, await ask('The list of models', at(facts.models_path), {}, timeout_ms))
      const startedMs = nowMs()
      const body = await ask(
        'A real completion',
        at('/v1/chat/completions'),
        {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify({
            model: target.served_model_name,
            messages: [{ role: 'user', content: PROMPT }],
            max_tokens: PROMPT_MAX_TOKENS,
          }),
        },
        completion_timeout_ms,
      )
      return { text_length: textLength(body), latency_ms: nowMs() - startedMs }
    },
  }
}

async function checkListed({ served_model_name }: ProbeTarget, body: string): Promise<void> {
  const ids = parse(ModelList, 'The list of models', body).data.map((model) => model.id)
  if (!ids.includes(served_model_name))
    throw refuse(`The engine does not list "${served_model_name}".`, `It lists ${ids.join(', ') || 'nothing'}.`)
}

function textLength(body: string): number {
  const length = parse(Completion, 'The completion', body).choices[0]?.message.content?.length ?? 0
  if (length === 0) throw refuse('The completion has no text.', body.slice(0, 500))
  return length
}

function parse<T>(schema: z.ZodType<T>, what: string, body: string): T {
  try {
    return schema.parse(JSON.parse(body))
  } catch {
    throw refuse(`${what} is not what an OpenAI server answers.`, body.slice(0, 500))
  }
}

function refuse(message: string, evidence: string): BudError {
  const next_step = 'GET /endpoints/{id}/logs shows what the engine says.'
  return failed(message, [{ code: 'verification-failed', message, evidence, next_step } satisfies Reason])
}

/** Silence may be a restart: worth another try. An answer that takes too long is not. */
function unreachable(what: string, url: string, error: unknown, timeoutMs: number): BudError {
  if (error instanceof DOMException && error.name === 'TimeoutError')
    return refuse(`${what} did not come within ${timeoutMs / 1000} s.`, url)
  const cause = error instanceof Error && error.cause !== undefined ? error.cause : error
  return unavailable(`${what} failed at ${url}: ${messageOf(cause)}.`, error)
}
