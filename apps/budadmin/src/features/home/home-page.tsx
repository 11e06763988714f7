/** What needs me now? */
import { Stack } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { Loaded } from '../../components/loaded.tsx'
import { Page } from '../../components/page.tsx'
import { plural } from '../../prepare/format.ts'
import { firingAlertsQuery } from '../alerts/api/firing-alerts.ts'
import { endpointsQuery } from '../endpoints/api/endpoints.ts'
import { heldModelsQuery } from '../models/api/held-models.ts'
import { registeredCountQuery } from '../models/api/registered-count.ts'
import { optimizationsQuery } from '../optimise/api/optimizations.ts'
import { inferenceKeysQuery } from '../settings/api/secrets.ts'
import { AttentionList } from './components/attention-list.tsx'
import { Checklist } from './components/checklist.tsx'
import { EndpointTiles } from './components/endpoint-tiles.tsx'
import { toAttention } from './prepare/attention.ts'
import { toChecklist } from './prepare/checklist.ts'

export function HomePage() {
  const endpoints = useQuery(endpointsQuery())
  const models = useQuery(heldModelsQuery()).data?.items ?? []
  const alerts = useQuery(firingAlertsQuery()).data ?? []
  return (
    <Loaded query={endpoints} height={360}>
      {(all) => {
        const attention = toAttention(alerts, all, models)
        return (
          <Page
            title="Home"
            answer={
              attention.length === 0
                ? 'Nothing needs you now.'
                : `${plural(attention.length, 'thing')} ${attention.length === 1 ? 'needs' : 'need'} you now.`
            }
          >
            <Stack gap="md">
              {attention.length > 0 ? <AttentionList items={attention} /> : null}
              <FirstRun />
              {all.length > 0 ? <EndpointTiles endpoints={all} /> : null}
            </Stack>
          </Page>
        )
      }}
    </Loaded>
  )
}

function FirstRun() {
  const registered = useQuery(registeredCountQuery()).data
  const endpoints = useQuery(endpointsQuery()).data
  const optimizations = useQuery(optimizationsQuery()).data
  const keys = useQuery(inferenceKeysQuery()).data
  if (!endpoints || !optimizations || !keys || !registered) return null
  const steps = toChecklist({
    registeredModels: registered.total,
    optimizations,
    endpoints,
    answered: keys.some((key) => key.last_used_at !== null),
  })
  return steps ? <Checklist steps={steps} endpointId={endpoints[0]?.id} approveId={optimizations[0]?.id} /> : null
}
