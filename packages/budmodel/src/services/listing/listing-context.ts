/** What finding models works with. */
import type { Database } from '@bud/platform'
import type { MeasuredFigures } from '../../domain/listing/measured-figures.ts'
import type { ClusterFits } from '../../ports.ts'

export interface ListingContext {
  database: Database
  /** When the catalogue was read. */
  catalogueSince: string
  fits: ClusterFits
  measured: MeasuredFigures
}
