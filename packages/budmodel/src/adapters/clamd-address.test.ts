import { expect, it } from 'vitest'
import { describeClamdAddress, parseClamdAddress } from './clamd-address.ts'

it('reads sockets and hosts, and writes them back as they were', () => {
  expect(parseClamdAddress('unix:/run/clamav/clamd.ctl')).toEqual({ path: '/run/clamav/clamd.ctl' })
  expect(parseClamdAddress('tcp:clamd.internal:3310')).toEqual({ host: 'clamd.internal', port: 3310 })
  for (const text of ['unix:/a b:c', 'tcp:127.0.0.1:3310', 'tcp:[::1]:3310']) {
    expect(describeClamdAddress(parseClamdAddress(text))).toBe(text)
  }
})

it('refuses everything else with the two ways to write it', () => {
  for (const text of [
    '',
    '/run/clamd.ctl',
    'unix:',
    'unix:relative',
    'tcp:host',
    'tcp::3310',
    'tcp:host:0',
    'tcp:h:99999',
  ]) {
    expect(() => parseClamdAddress(text), text).toThrow(/unix:\/path.*tcp:host:port/)
  }
})
