import type { Optimization } from '@bud/contract'
import { Button, Group, Stack, Table, Text } from '@mantine/core'
import { useNavigate } from '@tanstack/react-router'
import { IconOptimise } from '../../../components/icons.ts'
import { Panel } from '../../../components/panel.tsx'
import { ProblemAlert } from '../../../components/problem-alert.tsx'
import { WideContent } from '../../../components/wide-content.tsx'
import { useOptimise } from '../api/use-optimise.ts'
import { askAgainFor } from '../prepare/request.ts'
import { type SiblingView, toSiblingView } from '../prepare/sibling.ts'

/** Start small: the next smaller model of the family under the same limits, one click from a search of its own. */
export function SiblingCard({ result }: { result: Optimization }) {
  const view = toSiblingView(result)
  const optimise = useOptimise()
  const navigate = useNavigate()
  if (!view) return null
  const search = () =>
    optimise.mutate(askAgainFor(view.model, result), {
      onSuccess: ({ id }) => void navigate({ to: '/optimise/$optimizationId', params: { optimizationId: id } }),
    })
  return (
    <Panel title="Start small" note={view.answer}>
      <Stack gap="sm">
        {view.rows.length > 0 ? <Comparison view={view} asked={result.model.name} /> : null}
        {optimise.error ? <ProblemAlert error={optimise.error} /> : null}
        <Group>
          <Button
            variant="default"
            leftSection={<IconOptimise size={16} />}
            onClick={search}
            loading={optimise.isPending}
          >
            Search with {view.model}
          </Button>
        </Group>
      </Stack>
    </Panel>
  )
}

function Comparison({ view, asked }: { view: SiblingView; asked: string }) {
  return (
    <WideContent className={undefined}>
      <Table layout="auto" verticalSpacing={6} horizontalSpacing={0}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>
              <span className="visually-hidden">Figure</span>
            </Table.Th>
            <Table.Th>{view.model}</Table.Th>
            <Table.Th>{asked}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {view.rows.map((row) => (
            <Table.Tr key={row.label}>
              <Table.Td>
                <Text c="dimmed">{row.label}</Text>
              </Table.Td>
              <Table.Td>{row.small}</Table.Td>
              <Table.Td>{row.asked ?? 'nothing holds the limits'}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </WideContent>
  )
}
