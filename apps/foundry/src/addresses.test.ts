import { expect, test } from 'vitest'
import { Addresses } from './addresses.ts'
import { parseConfig } from './config.ts'

const addressesFor = (...argv: string[]): Addresses => {
  const config = parseConfig(argv, {})
  if (!config) throw new Error('No configuration.')
  return new Addresses(config)
}

test('people are sent to the port that was found, when any was allowed', () => {
  const addresses = addressesFor('--port', '0', '--gateway-port', '0')
  addresses.port = 3123
  addresses.gatewayPort = 4123
  expect(addresses.publicUrl).toBe('http://localhost:3123')
  expect(addresses.gatewayUrl).toBe('http://localhost:4123/v1')
})

test('behind a public address the gateway is on the same host, and the dashboard may come from there', () => {
  const addresses = addressesFor('--public-url', 'https://foundry.example/')
  expect(addresses.publicUrl).toBe('https://foundry.example')
  expect(addresses.gatewayUrl).toBe('https://foundry.example:4000/v1')
  expect(addresses.dashboardOrigins).toEqual([
    'https://foundry.example',
    'http://localhost:3000',
    'http://127.0.0.1:3000',
  ])
})

test('the gateway finds the control plane whatever address it listens on', () => {
  const controlUrls = ['127.0.0.1', '0.0.0.0', '::', 'fd00::1', 'foundry.internal'].map(
    (host) => addressesFor('--host', host).controlUrl,
  )
  expect(controlUrls).toEqual([
    'http://127.0.0.1:3000',
    'http://127.0.0.1:3000',
    'http://[::1]:3000',
    'http://[fd00::1]:3000',
    'http://foundry.internal:3000',
  ])
})
