/** Waivers in words. */
import type { ModelPolicy } from '@bud/contract'
import { plural } from '../../../prepare/format.ts'
import type { Tone } from '../../../prepare/states.ts'

export type Waiver = ModelPolicy['waivers'][number]

const DAY_MS = 86_400_000

/** Until when it counts: its last day is a whole one. */
export function expiryOf({ expires, expired }: Waiver, nowMs: number): { tone: Tone; text: string } {
  if (expired) return { tone: 'idle', text: `expired on ${expires}` }
  const days = Math.floor((Date.parse(expires) + DAY_MS - nowMs) / DAY_MS)
  if (days < 1) return { tone: 'warn', text: 'counts today for the last time' }
  return { tone: days <= 7 ? 'warn' : 'good', text: `until ${expires}, ${plural(days, 'day')} left` }
}

/** What it lets through: "pickle-global in model.pt of tiny, while its content stays". */
export function scopeOf({ model, path, sha256 }: Waiver): string {
  const where = path ? `${path} of ${model === '*' ? 'any model' : model}` : model === '*' ? 'any model' : model
  return sha256 ? `${where}, while its content stays ${sha256.slice(0, 12)}…` : where
}

/** "2 waivers, 1 expired." */
export function describeWaivers(waivers: readonly Waiver[]): string {
  const expired = waivers.filter((waiver) => waiver.expired).length
  if (waivers.length === 0) return 'No waivers: every rule counts for every model.'
  return `${plural(waivers.length, 'waiver')}${expired > 0 ? `, ${expired} expired` : ''}.`
}
