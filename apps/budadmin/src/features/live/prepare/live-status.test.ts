import { expect, test } from 'vitest'
import { formatClock } from '../../../prepare/time.ts'
import { nextLiveStatus, notYetLive, outageText } from './live-status.ts'

const start = Date.parse('2026-05-04T12:00:00.000Z')
const live = nextLiveStatus(notYetLive, 'opened', start)
const lost = nextLiveStatus(live, 'lost', start + 60_000)

test('a loss is told after five seconds, with the moment up to which the screen is right', () => {
  expect(outageText(lost, start + 65_000)).toBeUndefined()
  expect(outageText(lost, start + 65_001)).toBe(
    `Foundry does not answer. Shown as of ${formatClock(start / 1000 + 60)}.`,
  )
})

test('failed attempts to connect again do not move that moment', () => {
  expect(nextLiveStatus(lost, 'lost', start + 90_000)).toEqual(lost)
})

test('nothing is said once it is live again', () => {
  expect(outageText(nextLiveStatus(lost, 'opened', start + 90_000), start + 200_000)).toBeUndefined()
})

test('a tab that slept shows what was right when it fell asleep', () => {
  const paused = nextLiveStatus(live, 'paused', start + 20_000)
  expect(outageText(paused, start + 500_000)).toBeUndefined()
  const back = nextLiveStatus(paused, 'lost', start + 500_000)
  expect(outageText(back, start + 510_000)).toBe(
    `Foundry does not answer. Shown as of ${formatClock(start / 1000 + 20)}.`,
  )
})
