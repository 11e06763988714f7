import type { Cluster } from '@bud/contract'
import { ActionIcon, Group, NativeSelect, Stack, Text, Tooltip } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { DangerDialog } from '../../../components/danger-dialog.tsx'
import { IconDelete } from '../../../components/icons.ts'
import { Panel } from '../../../components/panel.tsx'
import { ProblemAlert } from '../../../components/problem-alert.tsx'
import { Status } from '../../../components/status.tsx'
import { Tag } from '../../../components/tag.tsx'
import { useDeleteCluster } from '../api/use-delete-cluster.ts'
import { useUpdateCluster } from '../api/use-update-cluster.ts'
import { describeCapacity } from '../prepare/capacity.ts'
import { CapacityMap } from './capacity-map.tsx'

export function ClusterPanel({ cluster }: { cluster: Cluster }) {
  const [removing, dialog] = useDisclosure(false)
  return (
    <Panel
      title={
        <Group gap="xs" component="span">
          {cluster.name}
          <Tag>{cluster.kind}</Tag>
        </Group>
      }
      note={describeCapacity(cluster)}
      actions={
        <>
          <StageSelect cluster={cluster} />
          <Tooltip label="Remove cluster">
            <ActionIcon onClick={dialog.open} aria-label={`Remove cluster ${cluster.name}`}>
              <IconDelete size={16} />
            </ActionIcon>
          </Tooltip>
        </>
      }
    >
      <Stack gap="sm">
        {cluster.state === 'unreachable' ? (
          <div>
            <Status tone="bad" word="unreachable" />
            <Text c="dimmed">{cluster.state_reason}</Text>
          </div>
        ) : null}
        <CapacityMap cluster={cluster} />
      </Stack>
      <RemoveCluster cluster={cluster} opened={removing} onClose={dialog.close} />
    </Panel>
  )
}

/** A label for people: nothing runs differently for it. */
function StageSelect({ cluster }: { cluster: Cluster }) {
  const update = useUpdateCluster()
  return (
    <div>
      <NativeSelect
        aria-label={`Stage of ${cluster.name}`}
        size="xs"
        data={['staging', 'production']}
        value={update.isPending ? update.variables.stage : cluster.stage}
        disabled={update.isPending}
        onChange={(event) =>
          update.mutate({
            id: cluster.id,
            stage: event.currentTarget.value === 'production' ? 'production' : 'staging',
          })
        }
      />
      {update.error ? <ProblemAlert error={update.error} /> : null}
    </div>
  )
}

function RemoveCluster({ cluster, opened, onClose }: { cluster: Cluster; opened: boolean; onClose: () => void }) {
  const remove = useDeleteCluster()
  const users = [...new Set(cluster.nodes.flatMap((node) => node.used_by.map((use) => use.endpoint_name)))]
  return (
    <DangerDialog
      opened={opened}
      onClose={onClose}
      title={`Remove cluster ${cluster.name}?`}
      action="Remove cluster"
      pending={remove.isPending}
      error={remove.error}
      onConfirm={() => remove.mutate({ id: cluster.id }, { onSuccess: onClose })}
    >
      {users.length === 0
        ? 'No endpoint runs on it. Its entry here is removed; you can add it again.'
        : `${users.join(', ')} still run on it: the server refuses until they are deleted.`}
    </DangerDialog>
  )
}
