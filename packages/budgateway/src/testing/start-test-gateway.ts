import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createGateway } from '../create-gateway.ts'
import type { Logger } from '../ports.ts'
import { defaultSettings, type GatewaySettings } from '../settings.ts'
import { TEST_KEY, TEST_TOKEN } from './test-control-plane.ts'

export interface TestGateway {
  url: string
  stateDir: string
  log: string[]
  /** Posts JSON (or the text as it is) with the test key. */
  post(path: string, body: unknown, init?: RequestInit): Promise<Response>
  close(): Promise<void>
}

/** A gateway on a free port with a state folder of its own, which `close` removes. */
export async function startTestGateway(
  controlUrl: string,
  overrides: Partial<GatewaySettings> & { random?: () => number } = {},
): Promise<TestGateway> {
  const stateDir = overrides.stateDir ?? (await mkdtemp(join(tmpdir(), 'bud-gateway-')))
  const log: string[] = []
  const note = (message: string) => void log.push(message)
  const logger: Logger = { info: note, warn: note, error: note }
  const settings = { ...defaultSettings, port: 0, controlUrl, gatewayToken: TEST_TOKEN, ...overrides, stateDir }
  const gateway = createGateway(settings, overrides.random ? { logger, random: overrides.random } : { logger })
  const { port } = await gateway.start()
  const url = `http://127.0.0.1:${port}`
  return {
    url,
    stateDir,
    log,
    post: (path, body, init) =>
      fetch(url + path, {
        method: 'POST',
        ...init,
        headers: { authorization: `Bearer ${TEST_KEY}`, 'content-type': 'application/json', ...init?.headers },
        body: typeof body === 'string' ? body : JSON.stringify(body),
      }),
    close: async () => {
      await gateway.stop()
      if (!overrides.stateDir) await rm(stateDir, { recursive: true, force: true })
    },
  }
}
