/** The control plane as it is, in a folder of its own, without the gateway: real database, flows, people, listening. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createFoundryClient, type FoundryClient } from '@bud/contract'
import { failed } from '@bud/kernel'
import { pino } from 'pino'
import { Addresses } from '../addresses.ts'
import { Cleanup } from '../cleanup.ts'
import { compose } from '../compose.ts'
import { parseConfig } from '../config.ts'
import { createServer } from '../http/server.ts'
import type { Services } from '../services.ts'
import { version } from '../version.ts'

export const GATEWAY_TOKEN = 'gateway-token-of-the-tests'

export interface TestFoundry {
  url: string
  dataDir: string
  services: Services
  /** The administrator's API token. */
  token: string
  client: FoundryClient
  /** With the administrator's token, unless `headers` say otherwise. */
  fetch(path: string, init?: RequestInit): Promise<Response>
  /** A signed-in browser's cookie header. */
  signIn(): Promise<string>
  setReady(ready: boolean): void
  close(): Promise<void>
}

export async function createTestFoundry(): Promise<TestFoundry> {
  const dataDir = await mkdtemp(join(tmpdir(), 'bud-foundry-'))
  const cleanup = new Cleanup()
  cleanup.add(() => rm(dataDir, { recursive: true, force: true }))
  try {
    return await open(dataDir, cleanup)
  } catch (error) {
    await cleanup.run()
    throw error
  }
}

async function open(dataDir: string, cleanup: Cleanup): Promise<TestFoundry> {
  const config = parseConfig(['--port', '0', '--data-dir', join(dataDir, 'state'), '--log-level', 'fatal'], {})
  if (!config) throw failed('No configuration.')
  const logger = pino({ level: config.logLevel })
  const addresses = new Addresses(config)
  const { services } = await compose({ config, logger, addresses, cleanup })
  let ready = true
  const server = await createServer(services, {
    logger,
    version,
    gatewayToken: GATEWAY_TOKEN,
    gatewayOrigin: () => addresses.gatewayOrigin,
    isReady: () => ready,
  })
  cleanup.add(() => server.close())
  const url = await server.listen({ host: '127.0.0.1', port: 0 })
  addresses.port = Number(new URL(url).port)
  const { token, project_id } = await services.access.bootstrap({ renewToken: true })
  if (!token) throw failed('No token was made.')
  await services.cluster.clusters.ensureDemoCluster(project_id)
  await services.platform.flows.launch()
  return {
    url,
    dataDir: config.dataDir,
    services,
    token,
    client: createFoundryClient({ url, token }),
    fetch: (path, init = {}) => {
      const headers = new Headers(init.headers)
      if (!headers.has('authorization') && !headers.has('cookie')) headers.set('authorization', `Bearer ${token}`)
      return fetch(new URL(path, url), { redirect: 'manual', ...init, headers })
    },
    signIn: () => signIn(services),
    setReady: (value) => {
      ready = value
    },
    close: () => cleanup.run(),
  }
}

async function signIn({ access }: Services): Promise<string> {
  const link = new URL(await access.createSignInLink())
  const answer = await fetch(link, { redirect: 'manual' })
  const cookies = answer.headers.getSetCookie().map((cookie) => cookie.split(';', 1)[0])
  if (cookies.length === 0) throw failed(`The sign-in link answered ${answer.status} without a cookie.`)
  return cookies.join('; ')
}
