import type { ModelSummary } from '@bud/contract'
import { Checkbox, Table, Text } from '@mantine/core'
import { TextLink } from '../../../components/link.tsx'
import { Tag } from '../../../components/tag.tsx'
import { formatCount, formatTokens, NONE } from '../../../prepare/format.ts'
import { measuredText, tagsInRow, versionTags } from '../prepare/listing.ts'
import { MOST_COMPARED } from '../prepare/search.ts'
import { LicenceMark } from './licence-mark.tsx'
import { ModelStatus } from './model-status.tsx'

export interface ModelsTableProps {
  models: readonly ModelSummary[]
  /** Ids chosen for comparison. */
  chosen: readonly string[]
  onChoose: (id: string) => void
}

export function ModelsTable({ models, chosen, onChoose }: ModelsTableProps) {
  return (
    <Table highlightOnHover miw={860} horizontalSpacing={10}>
      <Table.Thead>
        <Table.Tr>
          <Table.Th w={36}>
            <span className="visually-hidden">Compare</span>
          </Table.Th>
          <Table.Th>Model</Table.Th>
          <Table.Th ta="right">Parameters</Table.Th>
          <Table.Th>Architecture</Table.Th>
          <Table.Th ta="right">Context</Table.Th>
          <Table.Th>Licence</Table.Th>
          <Table.Th ta="right" style={{ whiteSpace: 'nowrap' }}>
            Measured
            <Text fz="xs" c="dimmed" fw={400}>
              tokens/s per GPU
            </Text>
          </Table.Th>
          <Table.Th>State</Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {models.map((model) => (
          <ModelRow
            key={model.id}
            model={model}
            chosen={chosen.includes(model.id)}
            full={chosen.length >= MOST_COMPARED}
            onChoose={() => onChoose(model.id)}
          />
        ))}
      </Table.Tbody>
    </Table>
  )
}

interface ModelRowProps {
  model: ModelSummary
  chosen: boolean
  /** No more can be chosen. */
  full: boolean
  onChoose: () => void
}

function ModelRow({ model, chosen, full, onChoose }: ModelRowProps) {
  return (
    <Table.Tr {...(chosen ? { bg: 'var(--bud-quiet)' } : {})}>
      <Table.Td>
        <Checkbox
          size="xs"
          checked={chosen}
          disabled={full && !chosen}
          onChange={onChoose}
          aria-label={`Compare ${model.name}`}
        />
      </Table.Td>
      <Table.Td miw={200}>
        <TextLink to="/models/$modelId" params={{ modelId: model.id }} fw={500} style={{ overflowWrap: 'anywhere' }}>
          {model.name}
        </TextLink>
        <NameTags model={model} />
      </Table.Td>
      <Table.Td ta="right" style={{ whiteSpace: 'nowrap' }}>
        <Parameters model={model} />
      </Table.Td>
      <Table.Td>{model.architecture}</Table.Td>
      <Table.Td ta="right">{formatTokens(model.context_length)}</Table.Td>
      <Table.Td>
        <LicenceMark licence={model.licence} short />
      </Table.Td>
      <Table.Td ta="right" style={{ whiteSpace: 'nowrap' }}>
        <Measured measured={model.measured} />
      </Table.Td>
      <Table.Td>
        <ModelStatus state={model.state} has_files={model.has_files} />
      </Table.Td>
    </Table.Tr>
  )
}

function NameTags({ model }: { model: ModelSummary }) {
  const tags = versionTags(model)
  const words = tagsInRow(model)
  if (tags.length === 0 && words.length === 0) return null
  return (
    <div style={{ display: 'flex', flexWrap: 'wrap', gap: 4, marginTop: 2 }}>
      {tags.map((tag) => (
        <Tag key={tag} accent={tag === 'production'}>
          {tag}
        </Tag>
      ))}
      {words.map((tag) => (
        <Tag key={tag}>{tag}</Tag>
      ))}
    </div>
  )
}

function Parameters({ model }: { model: ModelSummary }) {
  const sparse = model.active_parameter_count !== null && model.active_parameter_count !== model.parameter_count
  return (
    <>
      {formatCount(model.parameter_count)}
      {sparse ? (
        <Text fz="sm" c="dimmed">
          {formatCount(model.active_parameter_count)} active
        </Text>
      ) : null}
    </>
  )
}

function Measured({ measured }: Pick<ModelSummary, 'measured'>) {
  const text = measuredText(measured)
  if (!text) return <Text c="dimmed">{NONE}</Text>
  return (
    <>
      {text.figure}
      <Text fz="sm" c="dimmed">
        {text.on}
      </Text>
    </>
  )
}
