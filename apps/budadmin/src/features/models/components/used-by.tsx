import type { ModelDetail } from '@bud/contract'
import { Stack, Text } from '@mantine/core'
import { TextLink } from '../../../components/link.tsx'
import { Panel } from '../../../components/panel.tsx'
import { usersWithVersion } from '../prepare/versions.ts'

export function UsedBy({ model }: { model: Pick<ModelDetail, 'used_by' | 'versions'> }) {
  return (
    <Panel title="Used by">
      {model.used_by.length === 0 ? (
        <Text c="dimmed">No endpoint uses this model.</Text>
      ) : (
        <Stack gap={4}>
          {usersWithVersion(model).map((user) => (
            <div key={user.id}>
              <TextLink to="/endpoints/$endpointId" params={{ endpointId: user.id }}>
                {user.name}
              </TextLink>
              {user.version === undefined ? null : (
                <Text span fz="sm" c="dimmed">
                  {' '}
                  version {user.version}
                </Text>
              )}
            </div>
          ))}
        </Stack>
      )}
    </Panel>
  )
}
