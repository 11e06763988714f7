import { BudError } from '@bud/kernel'
import { z } from 'zod'

const ErrorBody = z.object({ message: z.string() })

/** A refused upload, in the server's own words. */
export async function explainUploadFailure(path: string, response: Response): Promise<BudError> {
  const body = ErrorBody.safeParse(await response.json().catch(() => undefined))
  const why = body.success ? body.data.message : `the server answered ${response.status}`
  return new BudError(response.status === 422 ? 'invalid-input' : 'failed', `${path} was not accepted: ${why}`)
}
