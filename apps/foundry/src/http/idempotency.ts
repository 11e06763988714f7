/**
 * `Idempotency-Key`: a POST that is sent again with the same key acts once and is answered alike. The answer is kept
 * before it is sent, because the sender who lost it is the one who asks again. Refusals are not kept: nothing happened.
 */
import { createHash } from 'node:crypto'
import { conflict, invalidInput, messageOf } from '@bud/kernel'
import type { Idempotency } from '@bud/platform'
import type { StandardHandlerOptions } from '@orpc/server/standard'
import type { FastifyBaseLogger } from 'fastify'
import type { RequestContext } from './context.ts'

type RootInterceptor = NonNullable<StandardHandlerOptions<RequestContext>['rootInterceptors']>[number]
type HandleResult = Awaited<ReturnType<RootInterceptor>>

const HEADER = 'idempotency-key'
const KEY = /^[\x21-\x7e]{1,255}$/

export function createIdempotencyInterceptor(idempotency: Idempotency, log: FastifyBaseLogger): RootInterceptor {
  return async ({ next, request, context: { principal } }) => {
    const key = request.headers[HEADER]
    if (request.method !== 'POST' || key === undefined) return next()
    if (typeof key !== 'string' || !KEY.test(key))
      throw invalidInput('Idempotency-Key must be 1 to 255 visible ASCII characters, such as a UUID.')
    const claim = await idempotency.claim({
      project_id: principal.project_id,
      caller: principal.user_id,
      route: `POST ${request.url.pathname}`,
      key,
      digest: digestOf(await request.body()),
    })
    switch (claim.state) {
      case 'claimed':
        return answerOnce(await settleOnError(next, () => idempotency.release(claim.claim_id)), claim.claim_id)
      case 'answered':
        return replay(claim.answer.status, claim.answer.body)
      case 'under-way':
        throw conflict(
          `A request with the Idempotency-Key "${key}" is still under way. Send it again in a moment to get its answer.`,
        )
      case 'other-request':
        throw conflict(
          `The Idempotency-Key "${key}" was used in the last 24 hours for a request with another body. Use a new key for a new request.`,
        )
    }
  }

  async function answerOnce(result: HandleResult, claimId: string): Promise<HandleResult> {
    const { response } = result
    const settle =
      response && response.status < 400
        ? idempotency.keep(claimId, { status: response.status, body: JSON.stringify(response.body ?? null) })
        : idempotency.release(claimId)
    // The request has had its effect: its answer is worth more than the memory of it.
    await settle.catch((error) => log.error({ err: error }, `An answer was not kept: ${messageOf(error)}`))
    return result
  }
}

async function settleOnError<T>(act: () => Promise<T>, release: () => Promise<void>): Promise<T> {
  try {
    return await act()
  } catch (error) {
    await release()
    throw error
  }
}

const replay = (status: number, body: string): HandleResult => ({
  matched: true,
  response: { status, headers: { 'idempotency-replayed': 'true' }, body: JSON.parse(body) },
})

const digestOf = (body: unknown): string =>
  createHash('sha256')
    .update(JSON.stringify(body ?? null))
    .digest('base64url')
