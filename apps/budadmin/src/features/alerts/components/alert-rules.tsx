import { type AlertRule, metricUnits } from '@bud/kernel'
import { Button, Group, NumberInput, Table, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { Loaded } from '../../../components/loaded.tsx'
import { Panel } from '../../../components/panel.tsx'
import { ProblemAlert } from '../../../components/problem-alert.tsx'
import { alertRulesQuery } from '../api/alert-rules.ts'
import { useEditRule } from '../api/use-edit-rule.ts'
import { describeRule, ruleTitle, sourceTexts } from '../prepare/alerts.ts'

export function AlertRules({ endpointId }: { endpointId: string }) {
  const query = useQuery(alertRulesQuery(endpointId))
  return (
    <Panel
      title="Alert rules"
      note="A rule fires once its condition has held for its time. The limits approved with the configuration override the defaults."
      flush
    >
      <Loaded query={query}>
        {(rules) => (
          <Table miw={820}>
            <Table.Thead>
              <Table.Tr>
                <Table.Th>Metric</Table.Th>
                <Table.Th w={190}>Threshold</Table.Th>
                <Table.Th w={130}>For</Table.Th>
                <Table.Th>Source</Table.Th>
                <Table.Th w={190}>
                  <span className="visually-hidden">Actions</span>
                </Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {rules.map((rule) => (
                <RuleRow key={`${rule.metric}:${rule.threshold}:${rule.for_s}`} rule={rule} endpointId={endpointId} />
              ))}
            </Table.Tbody>
          </Table>
        )}
      </Loaded>
    </Panel>
  )
}

function RuleRow({ rule, endpointId }: { rule: AlertRule; endpointId: string }) {
  const [threshold, setThreshold] = useState(rule.threshold)
  const [forS, setForS] = useState(rule.for_s)
  const edit = useEditRule()
  const changed = threshold !== rule.threshold || forS !== rule.for_s
  const target = { id: endpointId, metric: rule.metric }
  const save = () => edit.mutate({ ...target, for_s: forS, ...(threshold === null ? {} : { threshold }) })
  return (
    <Table.Tr>
      <Table.Td>
        <Text fw={500}>{ruleTitle(rule)}</Text>
        <Text fz="sm" c="dimmed">
          {describeRule(rule)}
        </Text>
        {edit.error ? <ProblemAlert error={edit.error} /> : null}
      </Table.Td>
      <Table.Td>
        <NumberInput
          aria-label={`Threshold of ${ruleTitle(rule)}`}
          prefix={`${rule.op} `}
          suffix={` ${metricUnits[rule.metric] === 'percent' ? '%' : metricUnits[rule.metric]}`}
          placeholder="no target"
          min={0}
          thousandSeparator=","
          hideControls
          value={threshold ?? ''}
          onChange={(value) => setThreshold(typeof value === 'number' ? value : null)}
        />
      </Table.Td>
      <Table.Td>
        <NumberInput
          aria-label={`Time of ${ruleTitle(rule)}`}
          suffix=" s"
          min={0}
          max={86_400}
          hideControls
          allowDecimal={false}
          value={forS}
          onChange={(value) => setForS(typeof value === 'number' ? value : 0)}
        />
      </Table.Td>
      <Table.Td>{sourceTexts[rule.source]}</Table.Td>
      <Table.Td>
        <Group gap="xs" wrap="nowrap" justify="flex-end">
          {rule.source === 'edited' ? (
            <Button size="xs" variant="subtle" onClick={() => edit.mutate({ ...target, reset: true })}>
              Reset
            </Button>
          ) : null}
          <Button size="xs" variant="default" disabled={!changed} loading={edit.isPending} onClick={save}>
            Save
          </Button>
        </Group>
      </Table.Td>
    </Table.Tr>
  )
}
