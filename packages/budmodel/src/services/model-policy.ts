/** The owner's rules, read and changed over the API: the file stays the one place they lie. */
import type { Principal } from '@bud/access'
import { BudError, messageOf, notFound } from '@bud/kernel'
import { addWaiver, removeWaiver } from '../domain/policy/add-waiver.ts'
import { defaultPolicyText } from '../domain/policy/default-policy.ts'
import type { Waiver } from '../domain/policy/model-policy.ts'
import { parsePolicy } from '../domain/policy/parse-policy.ts'
import type { Context } from './context.ts'
import { currentPolicy, todayOf } from './current-policy.ts'
import { judgeAnew } from './judge-version.ts'

export interface PolicyView {
  text: string
  described: string
  digest: string
  waivers: (Omit<Waiver, 'path' | 'sha256'> & { path: string | null; sha256: string | null; expired: boolean })[]
}

export interface NewWaiver {
  name: string
  rule: string
  model: string
  path?: string | undefined
  sha256?: string | undefined
  reason: string
  expires: string
}

/** Also of a policy that does not parse: it has to be seen to be mended. */
export async function viewPolicy(context: Context): Promise<PolicyView> {
  const today = todayOf(context)
  try {
    const { policy, text, digest } = await currentPolicy(context)
    const waivers = policy.waivers.map(({ path = null, sha256 = null, ...waiver }) => ({
      ...waiver,
      path,
      sha256,
      expired: waiver.expires < today,
    }))
    return { text, described: context.policyFile.described, digest, waivers }
  } catch (error) {
    const text = await context.policyFile.read()
    if (text === undefined || !(error instanceof BudError)) throw error
    return { text, described: context.policyFile.described, digest: '', waivers: [] }
  }
}

/** Throws `invalid-input` with every problem, and changes nothing then. Stored scans are judged anew at once. */
export async function replacePolicy(context: Context, principal: Principal, text: string): Promise<PolicyView> {
  requireOwner(principal)
  parsePolicy(text, { today: todayOf(context) })
  return keep(context, text)
}

export async function waive(context: Context, principal: Principal, waiver: NewWaiver): Promise<PolicyView> {
  requireOwner(principal)
  const { text } = await currentPolicy(context)
  const changed = addWaiver(text, waiver, { today: todayOf(context) })
  return keep(context, changed)
}

export async function takeWaiverBack(context: Context, principal: Principal, name: string): Promise<PolicyView> {
  requireOwner(principal)
  const { text, policy } = await currentPolicy(context)
  if (!policy.waivers.some((waiver) => waiver.name === name)) {
    throw notFound('waiver', name, `${context.policyFile.described} lists what there is.`)
  }
  return keep(context, removeWaiver(text, name))
}

async function keep(context: Context, text: string): Promise<PolicyView> {
  await context.policyFile.write(text)
  const changed = await judgeAnew(context).catch((err: unknown) => {
    context.log.warn({ err }, `Stored scans are judged anew later: ${messageOf(err)}`)
    return 0
  })
  context.log.info({ changed }, 'The model policy was changed.')
  return viewPolicy(context)
}

/** So that there is a file to edit. Where none can be written, the defaults hold all the same. */
export async function writeDefaultPolicy({ policyFile, log }: Pick<Context, 'policyFile' | 'log'>): Promise<void> {
  if ((await policyFile.read().catch(() => '')) !== undefined) return
  await policyFile
    .write(defaultPolicyText)
    .catch((err: unknown) => log.warn({ err }, `The default policy holds, unwritten: ${messageOf(err)}`))
}

function requireOwner({ role }: Principal): void {
  if (role !== 'member') return
  throw new BudError('forbidden', 'Only an owner or administrator may change the model policy. Ask one of them.')
}
