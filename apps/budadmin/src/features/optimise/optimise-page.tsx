/** Which configuration holds my limits for the least money? The question's side. */
import { Stack } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { ButtonLink } from '../../components/link.tsx'
import { Loaded } from '../../components/loaded.tsx'
import { Page } from '../../components/page.tsx'
import { ProblemAlert } from '../../components/problem-alert.tsx'
import { clustersQuery } from '../clusters/api/clusters.ts'
import { endpointQuery } from '../endpoints/api/endpoint.ts'
import { allModelsQuery } from '../models/api/all-models.ts'
import { optimizationQuery } from './api/optimization.ts'
import { OptimiseForm } from './components/optimise-form.tsx'
import { PastSearches } from './components/past-searches.tsx'
import { initialForm } from './prepare/request.ts'

const route = getRouteApi('/app/optimise')

export function OptimisePage() {
  const search = route.useSearch()
  const endpoint = useQuery(endpointQuery(search.endpoint))
  const earlier = useQuery(optimizationQuery(search.from))
  const clusters = useQuery(clustersQuery())
  const models = useQuery(allModelsQuery())
  const name = endpoint.data?.name
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
        <Loaded query={clusters} height={480}>
          {(allClusters) => (
            <Loaded query={models} height={480}>
              {(page) =>
                endpoint.isLoading || earlier.isLoading ? null : (
                  <OptimiseForm
                    key={`${search.from ?? ''}:${search.endpoint ?? ''}`}
                    initial={initialForm(
                      search,
                      earlier.data ?? endpoint.data,
                      allClusters.length === 1 ? allClusters[0]?.id : undefined,
                    )}
                    endpoint={endpoint.data}
                    models={page.items}
                    clusters={allClusters}
                  />
                )
              }
            </Loaded>
          )}
        </Loaded>
        {search.endpoint ? null : <PastSearches />}
      </Stack>
    </Page>
  )
}
