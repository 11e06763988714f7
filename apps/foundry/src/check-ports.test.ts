import { createServer } from 'node:net'
import { describe, expect, test } from 'vitest'
import { checkPorts } from './check-ports.ts'
import { parseConfig } from './config.ts'

const configWith = (flags: string[]) => {
  const config = parseConfig(['--data-dir', '/nowhere', ...flags], {})
  if (!config) throw new Error('asked for help')
  return config
}

describe('the ports', () => {
  test('that are free are accepted, 0 is any free one', async () => {
    await expect(checkPorts(configWith(['--port', '0', '--gateway-port', '0']))).resolves.toBeUndefined()
  })

  test('that are taken are named with the setting that moves them', async () => {
    const holder = createServer()
    await new Promise<void>((resolve) => holder.listen(0, '127.0.0.1', resolve))
    const address = holder.address()
    const taken = typeof address === 'object' && address ? address.port : 0
    try {
      await expect(checkPorts(configWith(['--port', '0', '--gateway-port', String(taken)]))).rejects.toThrow(
        `Port ${taken} is taken. Choose another with --gateway-port or BUD_GATEWAY_PORT.`,
      )
      await expect(checkPorts(configWith(['--port', String(taken), '--gateway-port', '0']))).rejects.toThrow(
        '--port or BUD_PORT',
      )
    } finally {
      await new Promise((resolve) => holder.close(resolve))
    }
  })

  test('must be two', async () => {
    await expect(checkPorts(configWith(['--port', '4567', '--gateway-port', '4567']))).rejects.toThrow('one each')
  })
})
