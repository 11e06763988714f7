/** The owner's policy as it is now. One that cannot be read judges nothing: what it would have judged is incomplete. */
import { createHash } from 'node:crypto'
import { defaultPolicyText } from '../domain/policy/default-policy.ts'
import type { ModelPolicy } from '../domain/policy/model-policy.ts'
import { parsePolicy } from '../domain/policy/parse-policy.ts'
import type { Context } from './context.ts'

export interface CurrentPolicy {
  policy: ModelPolicy
  text: string
  digest: string
}

/** Throws `invalid-input` with every problem of the file. */
export async function currentPolicy({ policyFile }: Pick<Context, 'policyFile'>): Promise<CurrentPolicy> {
  const text = (await policyFile.read()) ?? defaultPolicyText
  return { policy: parsePolicy(text), text, digest: digestOf(text) }
}

/** Of the day too: a waiver counts until its date is over. */
export const judgeKey = (digest: string, today: string): string => `${digest} ${today}`

export const todayOf = ({ clock }: Pick<Context, 'clock'>): string =>
  new Date(clock.nowMs()).toISOString().slice(0, 'YYYY-MM-DD'.length)

const digestOf = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 12)
