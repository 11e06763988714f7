/** Which configuration holds my limits for the least money? The question's side. */
import type { Cluster, Optimization } from '@bud/contract'
import type { Remedy } from '@bud/kernel'
import { Stack, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { ButtonLink, TextLink } from '../../components/link.tsx'
import { Loaded } from '../../components/loaded.tsx'
import { Page } from '../../components/page.tsx'
import { ProblemAlert } from '../../components/problem-alert.tsx'
import { clustersQuery } from '../clusters/api/clusters.ts'
import { endpointQuery } from '../endpoints/api/endpoint.ts'
import { optimizationQuery } from './api/optimization.ts'
import { OptimiseForm } from './components/optimise-form.tsx'
import { PastSearches } from './components/past-searches.tsx'
import { describeChanges, remedyAt, withRemedy } from './prepare/remedies.ts'
import { initialForm } from './prepare/request.ts'

const route = getRouteApi('/app/optimise')

export function OptimisePage() {
  const search = route.useSearch()
  const endpoint = useQuery(endpointQuery(search.endpoint))
  const earlier = useQuery(optimizationQuery(search.from))
  const clusters = useQuery(clustersQuery())
  const name = endpoint.data?.name
  const remedy = remedyAt(earlier.data, search)
  const initial = (all: readonly Cluster[]) =>
    initialForm(search, earlier.data ?? endpoint.data, all.length === 1 ? all[0]?.id : undefined)
  return (
    <Page
      title={search.endpoint ? `Re-optimise ${name ?? 'endpoint'}` : 'Optimise'}
      answer={
        search.endpoint
          ? 'Change load or limits, search again, and apply the result as a rolling update.'
          : 'Say what will be asked and which limits must hold; the search finds the configuration.'
      }
      actions={
        <ButtonLink to="/deploy" variant="default">
          Deploy from YAML
        </ButtonLink>
      }
    >
      <Stack gap="md">
        {earlier.error ? <ProblemAlert error={earlier.error} /> : null}
        {earlier.data ? <TakenOver from={earlier.data} remedy={remedy} /> : null}
        <Loaded query={clusters} height={480}>
          {(allClusters) =>
            endpoint.isLoading || earlier.isLoading ? null : (
              <OptimiseForm
                key={JSON.stringify(search)}
                initial={remedy ? withRemedy(initial(allClusters), remedy) : initial(allClusters)}
                endpoint={endpoint.data}
                clusters={allClusters}
              />
            )
          }
        </Loaded>
        {search.endpoint ? null : <PastSearches />}
      </Stack>
    </Page>
  )
}

/** What the form below starts from. */
function TakenOver({ from, remedy }: { from: Optimization; remedy: Remedy | undefined }) {
  return (
    <Text role="status">
      Taken over from{' '}
      <TextLink to="/optimise/$optimizationId" params={{ optimizationId: from.id }} underline="always">
        an earlier search
      </TextLink>
      {remedy ? (
        <>
          , with <b>{describeChanges(remedy, from).join(', ')}</b>
        </>
      ) : null}
      .
    </Text>
  )
}
