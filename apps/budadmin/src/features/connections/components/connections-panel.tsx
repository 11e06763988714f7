import type { Connection } from '@bud/contract'
import { Button, Code, Table, Text } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { Ago } from '../../../components/ago.tsx'
import { DangerDialog } from '../../../components/danger-dialog.tsx'
import { EmptyState } from '../../../components/empty-state.tsx'
import { IconPlus } from '../../../components/icons.ts'
import { Loaded } from '../../../components/loaded.tsx'
import { Panel } from '../../../components/panel.tsx'
import { connectionsQuery } from '../api/connections.ts'
import { useDeleteConnection } from '../api/use-delete-connection.ts'
import { reachedBy, secretText, whereText } from '../prepare/connection-row.ts'
import { AddConnectionDialog } from './add-connection-dialog.tsx'

/** The buckets and hubs that models may come from. */
export function ConnectionsPanel() {
  const query = useQuery(connectionsQuery())
  const [adding, dialog] = useDisclosure(false)
  const [removing, setRemoving] = useState<Connection>()
  return (
    <Loaded query={query} height={140}>
      {(connections) => (
        <Panel
          title="Connections"
          note="Buckets and hubs that models may come from. Secrets are kept and never shown again."
          flush
          actions={
            <Button size="xs" variant="default" leftSection={<IconPlus size={14} />} onClick={dialog.open}>
              Add connection
            </Button>
          }
        >
          {connections.length === 0 ? (
            <EmptyState title="None yet">
              Without one, models come from uploads, the bucket “models” on this server, and the public hub.
            </EmptyState>
          ) : (
            <ConnectionsTable connections={connections} onRemove={setRemoving} />
          )}
          <AddConnectionDialog opened={adding} onClose={dialog.close} />
          <RemoveConnection connection={removing} onClose={() => setRemoving(undefined)} />
        </Panel>
      )}
    </Loaded>
  )
}

interface ConnectionsTableProps {
  connections: readonly Connection[]
  onRemove: (connection: Connection) => void
}

function ConnectionsTable({ connections, onRemove }: ConnectionsTableProps) {
  return (
    <Table miw={760}>
      <Table.Thead>
        <Table.Tr>
          <Table.Th>Name</Table.Th>
          <Table.Th>Used for</Table.Th>
          <Table.Th>Where</Table.Th>
          <Table.Th>Access</Table.Th>
          <Table.Th>Added</Table.Th>
          <Table.Th>
            <span className="visually-hidden">Actions</span>
          </Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {connections.map((connection) => (
          <Table.Tr key={connection.name}>
            <Table.Td fw={500}>{connection.name}</Table.Td>
            <Table.Td>
              <Code>{reachedBy(connection)}…</Code>
            </Table.Td>
            <Table.Td style={{ overflowWrap: 'anywhere' }}>{whereText(connection)}</Table.Td>
            <Table.Td>{secretText(connection)}</Table.Td>
            <Table.Td>
              <Ago at={connection.created_at} />
              <Text fz="sm" c="dimmed">
                by {connection.created_by}
              </Text>
            </Table.Td>
            <Table.Td ta="right">
              <Button
                size="compact-sm"
                variant="subtle"
                color="red"
                onClick={() => onRemove(connection)}
                aria-label={`Remove ${connection.name}`}
              >
                Remove
              </Button>
            </Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  )
}

function RemoveConnection({ connection, onClose }: { connection: Connection | undefined; onClose: () => void }) {
  const remove = useDeleteConnection()
  return (
    <DangerDialog
      opened={connection !== undefined}
      onClose={onClose}
      title={`Remove ${connection?.name ?? ''}?`}
      action="Remove"
      pending={remove.isPending}
      error={remove.error}
      onConfirm={() => {
        if (connection) remove.mutate({ name: connection.name }, { onSuccess: onClose })
      }}
    >
      Models that came from it stay. New ones can no longer be taken from{' '}
      <Code>{connection ? reachedBy(connection) : ''}</Code>, and its secret is forgotten.
    </DangerDialog>
  )
}
