import type { Context } from '../../services/context.ts'
import type { Target } from '../target.ts'
import { waitUntilGone } from './stop-replicas.ts'

/** Also when there is none; returns once nothing of it runs. */
export async function removeRelease(context: Context, target: Target): Promise<void> {
  await target.driver.releases.remove(target.release)
  await waitUntilGone(context, target, [])
}
