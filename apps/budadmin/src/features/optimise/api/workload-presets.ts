import { api } from '../../../api.ts'

/** They come with the product and do not change while it runs. */
export const workloadPresetsQuery = () =>
  api.optimizations.presets.queryOptions({ staleTime: Number.POSITIVE_INFINITY })
