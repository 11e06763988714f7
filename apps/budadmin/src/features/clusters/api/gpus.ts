import { api } from '../../../api.ts'

/** The catalogue changes only with the product's version. */
export const gpusQuery = () => api.clusters.gpus.queryOptions({ staleTime: Number.POSITIVE_INFINITY })
