import type { Endpoint } from '@bud/contract'
import { Stack, Text } from '@mantine/core'
import { TextLink } from '../../../components/link.tsx'
import { ReasonList } from '../../../components/reason-list.tsx'
import { Status } from '../../../components/status.tsx'
import { endpointTone } from '../../../prepare/states.ts'
import { engineLabel } from '../../optimise/prepare/result.ts'
import { gpusText, replicasText } from '../prepare/summary.ts'

/** State, since when and why; then what it is. */
export function EndpointAnswer({ endpoint }: { endpoint: Endpoint }) {
  const { state, model, cluster } = endpoint
  return (
    <Stack gap={6} mt={4}>
      <Status tone={endpointTone(state.name)} word={state.name} since={state.since} size="lg" />
      {state.reasons.length > 0 ? <ReasonList reasons={state.reasons} tone={endpointTone(state.name)} /> : null}
      <Text style={{ textWrap: 'balance' }}>
        {replicasText(endpoint)}, {gpusText(endpoint)} · {engineLabel(endpoint.deployment)} ·{' '}
        <TextLink to="/models/$modelId" params={{ modelId: model.id }} underline="always" display="inline-block">
          {model.name}
        </TextLink>{' '}
        on {cluster.name} ({cluster.stage}) · <span style={{ whiteSpace: 'nowrap' }}>revision {endpoint.revision}</span>
      </Text>
    </Stack>
  )
}
