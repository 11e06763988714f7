/** Everything the HTTP side may call: made once in compose.ts. */
import type { Access, Principal } from '@bud/access'
import type { Advisor } from '@bud/budadvisor'
import type { Budcluster } from '@bud/budcluster'
import type { Metrics } from '@bud/budmetrics'
import type { Connections, Models } from '@bud/budmodel'
import type { GpuCatalogue } from '@bud/budsim'
import type { Traffic } from '@bud/budtraffic'
import type { SystemInfo } from '@bud/contract'
import type { Platform } from '@bud/platform'

export interface Services {
  access: Access
  platform: Platform
  models: Models
  connections: Connections
  cluster: Budcluster
  traffic: Traffic
  metrics: Metrics
  advisor: Advisor
  gpus: GpuCatalogue
  /** Self-checks and addresses, for `bud doctor` and the dashboard. */
  systemInfo(principal: Principal): Promise<SystemInfo>
}
