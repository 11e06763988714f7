import { Skeleton, Stack } from '@mantine/core'
import type { UseQueryResult } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { Page } from './page.tsx'
import { ProblemAlert } from './problem-alert.tsx'

export interface LoadedProps<T> {
  query: UseQueryResult<T>
  children: (data: T) => ReactNode
  /** Height of the place kept free while loading. */
  height?: number
  /** The title over an error, where this is the whole page: a page is never without one. */
  page?: string
}

/** A query's three faces: place kept free, the data, or what went wrong. Old data stay while new ones are fetched. */
export function Loaded<T>({ query, children, height = 160, page }: LoadedProps<T>) {
  if (query.data !== undefined) return children(query.data)
  if (query.error) {
    const problem = <ProblemAlert error={query.error} onRetry={() => void query.refetch()} />
    return page ? <Page title={page}>{problem}</Page> : problem
  }
  return (
    <Stack gap="xs" role="status" aria-busy="true" aria-label="Loading">
      <Skeleton height={height} radius="md" />
    </Stack>
  )
}
