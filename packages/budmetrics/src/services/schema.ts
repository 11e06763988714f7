/** The PostgreSQL schema this package owns. */
import { pgSchema } from '@bud/platform/drizzle'

export const metricsSchema = pgSchema('budmetrics')
