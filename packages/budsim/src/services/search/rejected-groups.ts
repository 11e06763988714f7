/** What was turned down, added up by reason; every message reads on after "288 configurations: ". */
import type { Deployment, Reason, RejectedGroup } from '@bud/kernel'

/** Causes that lie in the model, the workload or the ranking: one group over all GPU types. */
const WHATEVER_THE_GPU = new Set(['architecture-not-supported', 'workload-exceeds-context', 'outranked'])

export interface RejectedGroups {
  /** `distance`: how far the example is from being accepted; the closest one is shown. */
  add(reason: Reason, count: number, example: Deployment, distance: number): void
  has(code: string): boolean
  list(): RejectedGroup[]
}

interface Tally extends RejectedGroup {
  distance: number
  /** Its configurations fail by different figures: the message is that of the closest. */
  varied: boolean
}

export function createRejectedGroups(): RejectedGroups {
  const groups = new Map<string, Tally>()
  return {
    add(reason, count, example, distance) {
      const key = WHATEVER_THE_GPU.has(reason.code) ? reason.code : `${reason.code} ${example.resources.gpu_type}`
      const known = groups.get(key)
      if (!known) {
        groups.set(key, { reason, count, example, distance, varied: false })
        return
      }
      known.count += count
      if (known.reason.message !== reason.message) known.varied = true
      if (distance < known.distance) Object.assign(known, { reason, example, distance })
    },
    has: (code) => [...groups.values()].some(({ reason }) => reason.code === code),
    list: () =>
      [...groups.values()]
        .sort((a, b) => b.count - a.count)
        .map((tally) => ({ reason: toGroupReason(tally), count: tally.count, example: tally.example })),
  }
}

/** The closest one speaks for its group, and says so; a message that names no GPU type is given one. */
function toGroupReason({ reason, example, varied }: Tally): Reason {
  const gpuType = example.resources.gpu_type
  if (WHATEVER_THE_GPU.has(reason.code)) return reason
  if (varied) return { ...reason, message: `${reason.message} That is the closest on ${gpuType}.` }
  return reason.message.includes(gpuType) ? reason : { ...reason, message: `${reason.message} All on ${gpuType}.` }
}
