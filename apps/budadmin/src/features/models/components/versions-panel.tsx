/** Versions of a model, newest first, each with what may be done to it. */
import type { ModelDetail, ModelVersion } from '@bud/contract'
import { ActionIcon, Button, Menu, Table, Text } from '@mantine/core'
import { useState } from 'react'
import { Ago } from '../../../components/ago.tsx'
import { IconMore, IconPlus } from '../../../components/icons.ts'
import { TextLink } from '../../../components/link.tsx'
import { Panel } from '../../../components/panel.tsx'
import { ProblemAlert } from '../../../components/problem-alert.tsx'
import { Tag } from '../../../components/tag.tsx'
import { useVersionActs } from '../api/use-version-acts.ts'
import { actsOf, filesText, type VersionAct } from '../prepare/versions.ts'
import { DeleteVersion } from './delete-version.tsx'
import { ModelStatus } from './model-status.tsx'

export function VersionsPanel({ model, onAdd }: { model: ModelDetail; onAdd: () => void }) {
  const [deleting, setDeleting] = useState<ModelVersion>()
  const acts = useVersionActs(model)
  const act = (version: ModelVersion, chosen: VersionAct) =>
    chosen.kind === 'delete' ? setDeleting(version) : acts.run(version, chosen)
  return (
    <Panel
      title="Versions"
      note="A version never changes. Deployments by name take what production points at, else the newest available."
      flush
      actions={
        <Button size="xs" variant="default" leftSection={<IconPlus size={14} />} onClick={onAdd}>
          Add version
        </Button>
      }
    >
      {acts.error ? (
        <div style={{ padding: '0 16px 12px' }}>
          <ProblemAlert error={acts.error} />
        </div>
      ) : null}
      <Table miw={860}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Version</Table.Th>
            <Table.Th>State</Table.Th>
            <Table.Th>Files</Table.Th>
            <Table.Th>Registered</Table.Th>
            <Table.Th>From</Table.Th>
            <Table.Th ta="right">Endpoints</Table.Th>
            <Table.Th w={48}>
              <span className="visually-hidden">Actions</span>
            </Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {model.versions.map((version) => (
            <VersionRow
              key={version.id}
              model={model}
              version={version}
              pending={acts.pending === version.id}
              onAct={(chosen) => act(version, chosen)}
            />
          ))}
        </Table.Tbody>
      </Table>
      <DeleteVersion model={model} version={deleting} onClose={() => setDeleting(undefined)} />
    </Panel>
  )
}

interface VersionRowProps {
  model: ModelDetail
  version: ModelVersion
  pending: boolean
  onAct: (act: VersionAct) => void
}

function VersionRow({ model, version, pending, onAct }: VersionRowProps) {
  const shown = version.id === model.version_id
  return (
    <Table.Tr {...(shown ? { bg: 'var(--bud-quiet)' } : {})}>
      <Table.Td style={{ whiteSpace: 'nowrap' }}>
        <TextLink
          to="/models/$modelId"
          params={{ modelId: model.id }}
          search={{ version: version.number }}
          fw={500}
          aria-current={shown || undefined}
        >
          {version.number}
        </TextLink>{' '}
        {version.aliases.map((alias) => (
          <Tag key={alias} accent={alias === 'production'}>
            {alias}
          </Tag>
        ))}
        {shown ? (
          <Text fz="sm" c="dimmed">
            shown here
          </Text>
        ) : null}
      </Table.Td>
      <Table.Td>
        <ModelStatus state={version.state} has_files />
      </Table.Td>
      <Table.Td style={{ whiteSpace: 'nowrap' }}>{filesText(version)}</Table.Td>
      <Table.Td>
        <Ago at={version.created_at} />
        <Text fz="sm" c="dimmed">
          by {version.registered_by}
        </Text>
      </Table.Td>
      <Table.Td style={{ overflowWrap: 'anywhere' }}>{version.source_path}</Table.Td>
      <Table.Td ta="right">{version.used_by}</Table.Td>
      <Table.Td>
        <VersionMenu version={version} pending={pending} onAct={onAct} />
      </Table.Td>
    </Table.Tr>
  )
}

function VersionMenu({ version, pending, onAct }: Omit<VersionRowProps, 'model'>) {
  return (
    <Menu position="bottom-end" withinPortal>
      <Menu.Target>
        <ActionIcon aria-label={`Act on version ${version.number}`} loading={pending}>
          <IconMore size={16} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        {actsOf(version).map((act) => (
          <Menu.Item
            key={act.label}
            onClick={() => onAct(act)}
            {...(act.kind === 'delete' ? { c: 'var(--bud-bad)' } : {})}
          >
            {act.label}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  )
}
