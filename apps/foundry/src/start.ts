/** Puts the product together in the order its parts need each other, and takes it apart in the reverse order. */
import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { BudError } from '@bud/kernel'
import { pino } from 'pino'
import { composeServices } from './compose.ts'
import type { FoundryConfig } from './config.ts'
import { greet } from './greeting.ts'
import { createServer } from './http/server.ts'
import { type GatewayProcess, startGateway } from './processes/gateway-process.ts'
import { createSimulatorHost } from './processes/simulator-host.ts'
import { startSchedules } from './schedules.ts'
import { version } from './version.ts'

export interface Foundry {
  greeting: string
  close(): Promise<void>
}

/** Closes what was opened, newest first, whatever fails on the way. */
class Cleanup {
  readonly #tasks: Array<() => Promise<unknown> | unknown> = []
  add(task: () => Promise<unknown> | unknown): void {
    this.#tasks.unshift(task)
  }
  async run(): Promise<void> {
    for (const task of this.#tasks.splice(0)) await task()
  }
}

export async function startFoundry(config: FoundryConfig): Promise<Foundry> {
  const cleanup = new Cleanup()
  try {
    return await start(config, cleanup)
  } catch (error) {
    await cleanup.run()
    throw error
  }
}
