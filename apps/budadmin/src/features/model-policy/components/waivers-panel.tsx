import { Button, Table, Text } from '@mantine/core'
import { useState } from 'react'
import { DangerDialog } from '../../../components/danger-dialog.tsx'
import { EmptyState } from '../../../components/empty-state.tsx'
import { Panel } from '../../../components/panel.tsx'
import { Status } from '../../../components/status.tsx'
import { useNow } from '../../../components/use-now.ts'
import { useRemoveWaiver } from '../api/use-remove-waiver.ts'
import { expiryOf, scopeOf, type Waiver } from '../prepare/waivers.ts'

/** What has been let through, by which name, why, and until when. */
export function WaiversPanel({ waivers }: { waivers: readonly Waiver[] }) {
  const [removing, setRemoving] = useState<Waiver>()
  return (
    <Panel title="Waivers" note="Each lets one finding through, for a time. They are given on a model’s scan." flush>
      {waivers.length === 0 ? (
        <EmptyState title="None">Every rule counts for every model.</EmptyState>
      ) : (
        <Table miw={760}>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>Name</Table.Th>
              <Table.Th>Rule</Table.Th>
              <Table.Th>Where</Table.Th>
              <Table.Th>Counts</Table.Th>
              <Table.Th>
                <span className="visually-hidden">Actions</span>
              </Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {waivers.map((waiver) => (
              <WaiverRow key={waiver.name} waiver={waiver} onRemove={() => setRemoving(waiver)} />
            ))}
          </Table.Tbody>
        </Table>
      )}
      <TakeBack waiver={removing} onClose={() => setRemoving(undefined)} />
    </Panel>
  )
}

function WaiverRow({ waiver, onRemove }: { waiver: Waiver; onRemove: () => void }) {
  const { tone, text } = expiryOf(waiver, useNow())
  return (
    <Table.Tr>
      <Table.Td>
        <Text fw={500}>{waiver.name}</Text>
        <Text fz="sm" c="dimmed">
          {waiver.reason}
        </Text>
      </Table.Td>
      <Table.Td>{waiver.rule}</Table.Td>
      <Table.Td style={{ overflowWrap: 'anywhere' }}>{scopeOf(waiver)}</Table.Td>
      <Table.Td>
        <Status tone={tone} word={text} />
      </Table.Td>
      <Table.Td ta="right">
        <Button
          size="compact-sm"
          variant="subtle"
          color="red"
          onClick={onRemove}
          aria-label={`Take back ${waiver.name}`}
        >
          Take back
        </Button>
      </Table.Td>
    </Table.Tr>
  )
}

function TakeBack({ waiver, onClose }: { waiver: Waiver | undefined; onClose: () => void }) {
  const remove = useRemoveWaiver()
  return (
    <DangerDialog
      opened={waiver !== undefined}
      onClose={onClose}
      title={`Take ${waiver?.name ?? ''} back?`}
      action="Take back"
      pending={remove.isPending}
      error={remove.error}
      onConfirm={() => {
        if (waiver) remove.mutate({ name: waiver.name }, { onSuccess: onClose })
      }}
    >
      The rule {waiver?.rule} counts again for {waiver ? scopeOf(waiver) : ''}. Versions it blocks can no longer be
      deployed; endpoints that run go on.
    </DangerDialog>
  )
}
