import type { ModelDetail } from '@bud/contract'
import { Stack, Text } from '@mantine/core'
import { TextLink } from '../../../components/link.tsx'
import { Panel } from '../../../components/panel.tsx'

export function UsedBy({ endpoints }: { endpoints: ModelDetail['used_by'] }) {
  return (
    <Panel title="Used by">
      {endpoints.length === 0 ? (
        <Text c="dimmed">No endpoint uses this model.</Text>
      ) : (
        <Stack gap={4}>
          {endpoints.map((endpoint) => (
            <TextLink
              key={endpoint.endpoint_id}
              to="/endpoints/$endpointId"
              params={{ endpointId: endpoint.endpoint_id }}
            >
              {endpoint.endpoint_name}
            </TextLink>
          ))}
        </Stack>
      )}
    </Panel>
  )
}
