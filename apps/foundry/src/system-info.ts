/** What the system says of itself, measured when it is asked. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Principal } from '@bud/access'
import type { SystemInfo } from '@bud/contract'
import { sql } from '@bud/platform/drizzle'
import { assessHealth } from './checks.ts'
import type { ComposeOptions } from './compose.ts'
import type { Services } from './services.ts'
import { version } from './version.ts'

const GATEWAY_TIMEOUT_MS = 2_000
const dashboardPage = join(import.meta.dirname, '../../budadmin/dist/index.html')

export function createSystemInfo(
  { config, addresses }: Pick<ComposeOptions, 'config' | 'addresses'>,
  { platform, cluster, models }: Pick<Services, 'platform' | 'cluster' | 'models'>,
): (principal: Principal) => Promise<SystemInfo> {
  return async (principal) => ({
    version,
    api_version: '1',
    gateway_url: addresses.gatewayUrl,
    data_dir: principal.role === 'member' ? null : config.dataDir,
    database: platform.kind,
    checks: [
      ...assessHealth({
        gatewayUrl: addresses.gatewayUrl,
        gatewayAnswers: await answers(addresses.gatewayHealthUrl),
        databaseAnswers: await platform.database.query.execute(sql`select 1`).then(
          () => true,
          () => false,
        ),
        clusters: await cluster.clusters.list(principal),
        dashboardBuilt: existsSync(dashboardPage),
      }),
      ...(await models.health()),
    ],
  })
}

const answers = (url: string): Promise<boolean> =>
  fetch(url, { signal: AbortSignal.timeout(GATEWAY_TIMEOUT_MS) }).then(
    (response) => response.ok,
    () => false,
  )
