import type { Optimization } from '@bud/contract'
import { Table, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { Ago } from '../../../components/ago.tsx'
import { TextLink } from '../../../components/link.tsx'
import { Loaded } from '../../../components/loaded.tsx'
import { Panel } from '../../../components/panel.tsx'
import { Status } from '../../../components/status.tsx'
import { optimizationsQuery } from '../api/optimizations.ts'
import { costText, engineLabel, hardwareText } from '../prepare/result.ts'
import { describeTargets } from '../prepare/targets.ts'

export function PastSearches() {
  const query = useQuery(optimizationsQuery())
  return (
    <Loaded query={query} height={120}>
      {(searches) =>
        searches.length === 0 ? null : (
          <Panel title="Past searches" flush>
            <Table highlightOnHover miw={760}>
              <Table.Thead>
                <Table.Tr>
                  <Table.Th>Model</Table.Th>
                  <Table.Th>Limits</Table.Th>
                  <Table.Th>Result</Table.Th>
                  <Table.Th>Approved</Table.Th>
                  <Table.Th>When</Table.Th>
                </Table.Tr>
              </Table.Thead>
              <Table.Tbody>
                {searches.map((search) => (
                  <SearchRow key={search.id} search={search} />
                ))}
              </Table.Tbody>
            </Table>
          </Panel>
        )
      }
    </Loaded>
  )
}

function SearchRow({ search }: { search: Optimization }) {
  const [best] = search.candidates
  return (
    <Table.Tr>
      <Table.Td>
        <TextLink to="/optimise/$optimizationId" params={{ optimizationId: search.id }} fw={500}>
          {search.model.name}
        </TextLink>
        <Text fz="sm" c="dimmed">
          on {search.cluster.name}
        </Text>
      </Table.Td>
      <Table.Td>{describeTargets(search.targets)}</Table.Td>
      <Table.Td>
        {best ? (
          <>
            {engineLabel(best.deployment)}, {hardwareText(best.deployment)}
            <Text fz="sm" c="dimmed">
              {costText(best.prediction.cost_usd_per_hour)}
            </Text>
          </>
        ) : (
          <Status tone="warn" word="nothing holds the limits" />
        )}
      </Table.Td>
      <Table.Td>{search.approval ? `by ${search.approval.approved_by}` : '—'}</Table.Td>
      <Table.Td>
        <Ago at={search.created_at} />
      </Table.Td>
    </Table.Tr>
  )
}
