/** Lists over the real tables without the rest of the registry: for tests and the bench. */
import type { ModelFacts } from '@bud/kernel'
import type { Platform } from '@bud/platform'
import {
  type CatalogueCard,
  type CatalogueEntry,
  type CatalogueModel,
  toCatalogue,
} from '../domain/listing/catalogue.ts'
import {
  createMeasuredFigures,
  type MeasuredFigures,
  type MeasuredServing,
} from '../domain/listing/measured-figures.ts'
import type { ListModels } from '../domain/listing/model-filter.ts'
import type { ClusterFits } from '../ports.ts'
import { listModels, type ModelPage } from '../services/listing/list-models.ts'
import type { ListingContext } from '../services/listing/listing-context.ts'
import { syncCatalogue } from '../services/listing/sync-catalogue.ts'
import { budmodel } from '../services/tables.ts'
import { principalOf } from './principal-of.ts'

export interface TestListing {
  context: ListingContext
  catalogue: CatalogueEntry[]
  measured: MeasuredFigures
  list(projectId: string, input: Partial<ListModels>): Promise<ModelPage>
  /** As at a start. */
  sync(): Promise<void>
}

interface Options {
  catalogue: readonly CatalogueModel[]
  cards?: ReadonlyMap<string, CatalogueCard>
  measuredRows?: () => readonly MeasuredServing[]
  gpuTypes?: (name: string) => readonly string[]
  /** What fits on any cluster. */
  fits?: (facts: ModelFacts) => boolean
}

export const CATALOGUE_SINCE = '2026-01-01T00:00:00.000Z'

export async function createTestListing(
  { database, migrate }: Pick<Platform, 'database' | 'migrate'>,
  { catalogue: known, cards = new Map(), measuredRows = () => [], gpuTypes = (name) => [name], fits }: Options,
): Promise<TestListing> {
  await migrate(budmodel.schemaName, new URL('../adapters/migrations', import.meta.url))
  const catalogue = toCatalogue(known, cards)
  const measured = createMeasuredFigures({ rows: measuredRows, models: known, gpuTypes })
  const cluster: ClusterFits = {
    of: async () => [],
    on: async (_projectId, _cluster, facts) => facts.map((one) => fits?.(one) ?? true),
  }
  const context = { database, catalogueSince: CATALOGUE_SINCE, fits: cluster, measured }
  const listing: TestListing = {
    context,
    catalogue,
    measured,
    list: (projectId, input) => listModels(context, principalOf(projectId), { limit: 50, ...input }),
    sync: () => syncCatalogue({ database }, catalogue),
  }
  await listing.sync()
  return listing
}
