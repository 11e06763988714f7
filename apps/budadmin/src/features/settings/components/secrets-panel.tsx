import { Button, Code, Table } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { type ReactNode, useState } from 'react'
import { Ago } from '../../../components/ago.tsx'
import { DangerDialog } from '../../../components/danger-dialog.tsx'
import { EmptyState } from '../../../components/empty-state.tsx'
import { IconPlus } from '../../../components/icons.ts'
import { Panel } from '../../../components/panel.tsx'
import { type SecretKind, useRevokeSecret } from '../api/use-secrets.ts'
import { CreateSecretDialog } from './create-secret-dialog.tsx'

export interface SecretRow {
  id: string
  name: string
  prefix: string
  created_at: string
  last: ReactNode
}

export interface SecretsPanelProps {
  kind: SecretKind
  title: string
  note: string
  createLabel: string
  lastColumn: string
  rows: readonly SecretRow[]
}

export function SecretsPanel({ kind, title, note, createLabel, lastColumn, rows }: SecretsPanelProps) {
  const [creating, dialog] = useDisclosure(false)
  const [revoking, setRevoking] = useState<SecretRow>()
  return (
    <Panel
      title={title}
      note={note}
      flush
      actions={
        <Button size="xs" variant="default" leftSection={<IconPlus size={14} />} onClick={dialog.open}>
          {createLabel}
        </Button>
      }
    >
      {rows.length === 0 ? (
        <EmptyState title="None yet" />
      ) : (
        <Table miw={560}>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>Name</Table.Th>
              <Table.Th>Begins with</Table.Th>
              <Table.Th>Created</Table.Th>
              <Table.Th>{lastColumn}</Table.Th>
              <Table.Th>
                <span className="visually-hidden">Actions</span>
              </Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {rows.map((row) => (
              <SecretLine key={row.id} row={row} onRevoke={() => setRevoking(row)} />
            ))}
          </Table.Tbody>
        </Table>
      )}
      <CreateSecretDialog kind={kind} title={createLabel} opened={creating} onClose={dialog.close} />
      <RevokeDialog kind={kind} row={revoking} onClose={() => setRevoking(undefined)} />
    </Panel>
  )
}

function SecretLine({ row, onRevoke }: { row: SecretRow; onRevoke: () => void }) {
  return (
    <Table.Tr>
      <Table.Td fw={500}>{row.name}</Table.Td>
      <Table.Td>
        <Code>{row.prefix}…</Code>
      </Table.Td>
      <Table.Td>
        <Ago at={row.created_at} />
      </Table.Td>
      <Table.Td>{row.last}</Table.Td>
      <Table.Td ta="right">
        <Button size="compact-sm" variant="subtle" color="red" onClick={onRevoke} aria-label={`Revoke ${row.name}`}>
          Revoke
        </Button>
      </Table.Td>
    </Table.Tr>
  )
}

interface RevokeDialogProps {
  kind: SecretKind
  row: SecretRow | undefined
  onClose: () => void
}

function RevokeDialog({ kind, row, onClose }: RevokeDialogProps) {
  const revoke = useRevokeSecret(kind)
  return (
    <DangerDialog
      opened={row !== undefined}
      onClose={onClose}
      title={`Revoke ${row?.name ?? ''}?`}
      action="Revoke"
      pending={revoke.isPending}
      error={revoke.error}
      onConfirm={() => {
        if (row) revoke.mutate(row.id, { onSuccess: onClose })
      }}
    >
      Whatever uses <Code>{row?.prefix}…</Code> is refused from then on. This cannot be undone; make a new one instead.
    </DangerDialog>
  )
}
