/** Taken ports are said at once, before anything is opened; the later `listen` still has the last word. */
import { createServer } from 'node:net'
import { BudError } from '@bud/kernel'
import type { FoundryConfig } from './config.ts'

export async function checkPorts({ host, port, gatewayPort }: FoundryConfig): Promise<void> {
  if (port !== 0 && port === gatewayPort)
    throw new BudError('invalid-input', `--port and --gateway-port are both ${port}; they need one each.`)
  await checkPort(host, port, '--port or BUD_PORT')
  await checkPort(host, gatewayPort, '--gateway-port or BUD_GATEWAY_PORT')
}

async function checkPort(host: string, port: number, setting: string): Promise<void> {
  const server = createServer()
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject)
      server.listen({ host, port }, resolve)
    })
  } catch (cause) {
    throw portError(cause, host, port, setting)
  } finally {
    await new Promise<void>((resolve) => server.close(() => resolve()))
  }
}

/** What stands in the way of listening, and which setting moves it. */
export function portError(cause: unknown, host: string, port: number, setting: string): BudError {
  const code = cause instanceof Error && 'code' in cause ? cause.code : undefined
  const message =
    code === 'EADDRINUSE'
      ? `Port ${port} is taken. Choose another with ${setting}.`
      : code === 'EACCES'
        ? `Port ${port} may not be opened by this user. Choose one above 1023 with ${setting}.`
        : `Nothing can listen on ${host}:${port}: ${cause instanceof Error ? cause.message : String(cause)}`
  return new BudError('conflict', message, { cause })
}
