import type { ModelSummary } from '@bud/contract'
import { Table, Text } from '@mantine/core'
import { TextLink } from '../../../components/link.tsx'
import { Tag } from '../../../components/tag.tsx'
import { formatCount, formatTokens } from '../../../prepare/format.ts'
import { ModelStatus } from './model-status.tsx'

export function ModelsTable({ models }: { models: readonly ModelSummary[] }) {
  return (
    <Table highlightOnHover miw={720}>
      <Table.Thead>
        <Table.Tr>
          <Table.Th>Model</Table.Th>
          <Table.Th ta="right">Parameters</Table.Th>
          <Table.Th>Architecture</Table.Th>
          <Table.Th ta="right">Context</Table.Th>
          <Table.Th>State</Table.Th>
          <Table.Th>Origin</Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {models.map((model) => (
          <ModelRow key={model.id} model={model} />
        ))}
      </Table.Tbody>
    </Table>
  )
}

function ModelRow({ model }: { model: ModelSummary }) {
  const sparse = model.active_parameter_count !== null && model.active_parameter_count !== model.parameter_count
  return (
    <Table.Tr>
      <Table.Td>
        <TextLink to="/models/$modelId" params={{ modelId: model.id }} fw={500} style={{ overflowWrap: 'anywhere' }}>
          {model.name}
        </TextLink>
      </Table.Td>
      <Table.Td ta="right" style={{ whiteSpace: 'nowrap' }}>
        {formatCount(model.parameter_count)}
        {sparse ? (
          <Text component="span" fz="sm" c="dimmed">
            {' '}
            ({formatCount(model.active_parameter_count)} active)
          </Text>
        ) : null}
      </Table.Td>
      <Table.Td>{model.architecture}</Table.Td>
      <Table.Td ta="right">{formatTokens(model.context_length)}</Table.Td>
      <Table.Td>
        <ModelStatus state={model.state} has_files={model.has_files} />
      </Table.Td>
      <Table.Td>
        <Tag accent={model.origin === 'registered'}>{model.origin}</Tag>
      </Table.Td>
    </Table.Tr>
  )
}
