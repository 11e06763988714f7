/** Is what the registry stands on there and well, and what to do where it is not. */
import { messageOf } from '@bud/kernel'
import type { Context } from './context.ts'
import { currentPolicy } from './current-policy.ts'

export interface HealthCheck {
  name: string
  ok: boolean
  message: string
  next_step: string | null
}

/** Nothing lies there: looking for it still takes the store's whole way. */
const NOWHERE = 'health/none'

export async function checkHealth(context: Context): Promise<HealthCheck[]> {
  const checks = [
    check('model store', 'Look at BUD_ARTIFACTS and the keys beside it.', async () => {
      await context.store.stat(NOWHERE)
      return 'answers'
    }),
    check('model policy', 'Mend it: until then nothing is let through.', async () => {
      const { digest } = await currentPolicy(context)
      return `${context.policyFile.described} (${digest})`
    }),
    ...context.streamScanners.map((scanner) =>
      check(`scanner ${scanner.name}`, 'Scans are incomplete until it answers.', () => scanner.version()),
    ),
    check('scanner clamd of the policy', 'Set BUD_CLAMD; docs/clamav.md says how to run clamd.', async () => {
      const { policy } = await currentPolicy(context)
      const isThere = context.streamScanners.some(({ name }) => name === 'clamd')
      if (policy.clamd === 'required' && !isThere) throw new Error('the policy requires clamd, and none is set up')
      return isThere ? 'is set up' : 'is not required'
    }),
  ]
  return Promise.all(checks)
}

async function check(name: string, nextStep: string, look: () => Promise<string>): Promise<HealthCheck> {
  try {
    return { name, ok: true, message: await look(), next_step: null }
  } catch (error) {
    return { name, ok: false, message: messageOf(error), next_step: nextStep }
  }
}
