import type { ModelDetail } from '@bud/contract'
import { skipToken } from '@tanstack/react-query'
import { api } from '../../../api.ts'

/**
 * By id, name or version reference, e.g. "name@3". Kept fresh by the project's events; polled as well while it is on
 * its way, so that a lost stream hides nothing.
 */
export const modelQuery = (reference: string | undefined) =>
  api.models.get.queryOptions({
    input: reference ? { id: reference } : skipToken,
    refetchInterval: (query) => (query.state.data && isOnItsWay(query.state.data) ? 3_000 : false),
  })

const isOnItsWay = ({ state, rescanning }: ModelDetail): boolean =>
  rescanning || state.name === 'importing' || state.name === 'scanning'
