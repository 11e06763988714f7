/** What the OpenAI client threw, as an error of ours that says whose answer it was. */
import { BudError, type ErrorCode, messageOf, unavailable } from '@bud/kernel'
import { z } from 'zod'
import { bud } from './config.ts'

/** The client's own errors carry the gateway's status; one without status never got an answer. */
const Refusal = z.object({ status: z.number() })

const codes: Partial<Record<number, ErrorCode>> = {
  400: 'invalid-input',
  401: 'unauthenticated',
  403: 'forbidden',
  404: 'not-found',
  422: 'invalid-input',
  503: 'unavailable',
}

export function explainInferenceError(error: unknown, gatewayUrl: string): BudError {
  const refusal = Refusal.safeParse(error)
  if (!refusal.success)
    return unavailable(
      `The gateway at ${gatewayUrl} does not answer: ${messageOf(error)} "${bud('doctor')}" says more.`,
      error,
    )
  const code = codes[refusal.data.status] ?? 'failed'
  return new BudError(code, `The gateway at ${gatewayUrl} answered: ${messageOf(error)}`, { cause: error })
}
