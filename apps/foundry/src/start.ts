/** Puts the product together in the order its parts need each other, and takes it apart in the reverse order. */
import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { FastifyBaseLogger, FastifyInstance } from 'fastify'
import { Addresses } from './addresses.ts'
import { checkPorts, portError } from './check-ports.ts'
import { Cleanup } from './cleanup.ts'
import { type Composition, compose } from './compose.ts'
import type { FoundryConfig } from './config.ts'
import { greet } from './greeting.ts'
import { createServer } from './http/server.ts'
import { createLogger } from './logger.ts'
import { startGateway } from './processes/gateway-process.ts'
import { type Schedule, startSchedules } from './schedules.ts'
import { keepSecretFile, writeSecretFile } from './secret-files.ts'
import type { Services } from './services.ts'
import { version } from './version.ts'

const RECONCILE_EVERY_MS = 3_000
const RESUME_EVERY_MS = 5_000
const FORGET_EVERY_MS = 3_600_000
const RECORD_EVERY_MS = 300_000
const RESCAN_EVERY_MS = 600_000
const JUDGE_EVERY_MS = 60_000
const SWEEP_EVERY_MS = 6 * 3_600_000

export interface Foundry {
  greeting: string
  close(): Promise<void>
}

export async function startFoundry(config: FoundryConfig): Promise<Foundry> {
  const cleanup = new Cleanup()
  try {
    const greeting = await start(config, cleanup)
    return { greeting, close: () => cleanup.run() }
  } catch (error) {
    await cleanup.run()
    throw error
  }
}

async function start(config: FoundryConfig, cleanup: Cleanup): Promise<string> {
  const startedMs = performance.now()
  await checkPorts(config)
  const logger = createLogger(config)
  const addresses = new Addresses(config)
  const composition = await compose({ config, logger, addresses, cleanup })
  const { services } = composition
  let ready = false
  const gatewayToken = keepSecretFile(join(config.dataDir, 'gateway-token'))

  const server = await createServer(services, {
    logger,
    version,
    gatewayToken,
    gatewayOrigin: () => addresses.gatewayOrigin,
    storeOrigin: storeOriginOf(config),
    isReady: () => ready,
  })
  cleanup.add(() => server.close())
  addresses.port = await listen(server, config)

  const { tokenFile, created } = await bothOrNeither(
    begin(composition, config, cleanup),
    bringGateway({ config, addresses, gatewayToken, logger, cleanup }),
  )
  ready = true
  writeFileSync(join(config.dataDir, 'address'), `${addresses.controlUrl}\n`)

  return greet({
    url: addresses.publicUrl,
    gatewayUrl: addresses.gatewayUrl,
    dataDir: config.dataDir,
    tokenFile,
    signInLink: await services.access.createSignInLink(),
    firstStart: created,
    seconds: (performance.now() - startedMs) / 1000,
  })
}

/** The first one's result. When one fails the other is waited for all the same, so that cleaning up finds nothing half begun. */
async function bothOrNeither<T>(first: Promise<T>, second: Promise<void>): Promise<T> {
  await Promise.allSettled([first, second])
  await second
  return first
}

interface GatewayNeeds {
  config: FoundryConfig
  addresses: Addresses
  gatewayToken: string
  logger: FastifyBaseLogger
  cleanup: Cleanup
}

async function bringGateway({ config, addresses, gatewayToken, logger, cleanup }: GatewayNeeds): Promise<void> {
  const gateway = await startGateway({
    host: config.host,
    port: config.gatewayPort,
    controlUrl: addresses.controlUrl,
    token: gatewayToken,
    stateDir: join(config.dataDir, 'gateway'),
    allowedOrigins: addresses.dashboardOrigins,
    logLevel: config.logLevel,
    logger,
  })
  cleanup.add(() => gateway.stop())
  addresses.gatewayPort = gateway.port
}

/** From here on work goes on by itself: first what a crash left unfinished. */
async function begin(
  { services, logger }: Composition,
  config: FoundryConfig,
  cleanup: Cleanup,
): Promise<{ tokenFile: string; created: boolean }> {
  const { access, platform, models, cluster, traffic, metrics, advisor } = services
  const tokenFile = join(config.dataDir, 'token')
  const { token, created, project_id } = await access.bootstrap({ renewToken: !existsSync(tokenFile) })
  if (token) writeSecretFile(tokenFile, token)
  await cluster.clusters.ensureDemoCluster(project_id)
  await platform.flows.launch()
  metrics.start()
  cleanup.add(() => metrics.stop())
  cleanup.add(startSchedules(listSchedules({ platform, models, cluster, traffic, advisor }), logger))
  return { tokenFile, created }
}

const listSchedules = ({
  platform,
  models,
  cluster,
  traffic,
  advisor,
}: Pick<Services, 'platform' | 'models' | 'cluster' | 'traffic' | 'advisor'>): Schedule[] => [
  { name: 'resume imports', everyMs: RESUME_EVERY_MS, run: () => models.resume() },
  { name: 'judge stored scans', everyMs: JUDGE_EVERY_MS, run: () => models.judgeAnew() },
  { name: 'scan by newer rules', everyMs: RESCAN_EVERY_MS, run: () => models.rescanStale() },
  { name: 'sweep the store', everyMs: SWEEP_EVERY_MS, run: () => models.sweepByItself() },
  { name: 'compare with predictions', everyMs: RECORD_EVERY_MS, run: () => advisor.recordWindows() },
  { name: 'reconcile', everyMs: RECONCILE_EVERY_MS, run: () => cluster.reconcile() },
  {
    name: 'forget what is old',
    everyMs: FORGET_EVERY_MS,
    run: async () => {
      await platform.idempotency.forgetOld()
      await platform.prune()
      await traffic.prune()
    },
  },
]

async function listen(server: FastifyInstance, { host, port }: FoundryConfig): Promise<number> {
  try {
    await server.listen({ host, port })
  } catch (cause) {
    throw portError(cause, host, port, '--port or BUD_PORT')
  }
  const address = server.server.address()
  return typeof address === 'object' && address ? address.port : port
}

/** Presigned addresses lead to the store itself; its bucket has to allow PUT from the dashboard's origin (CORS). */
function storeOriginOf({
  artifacts,
  s3Endpoint,
  s3PublicEndpoint,
  s3Region,
  s3PathStyle,
}: FoundryConfig): string | undefined {
  if (!artifacts) return undefined
  const url = new URL(s3PublicEndpoint ?? s3Endpoint ?? `https://s3.${s3Region}.amazonaws.com`)
  return s3PathStyle ? url.origin : `${url.protocol}//${new URL(artifacts).hostname}.${url.host}`
}
