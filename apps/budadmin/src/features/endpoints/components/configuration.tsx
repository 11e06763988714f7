/** What runs, what was asked for, and every revision before it. */
import type { EndpointDetail } from '@bud/contract'
import { Workload } from '@bud/kernel'
import { Anchor, Button, Group, Modal, Stack, Table, Text, Title } from '@mantine/core'
import { useState } from 'react'
import { Ago } from '../../../components/ago.tsx'
import { CopyBlock } from '../../../components/copy-text.tsx'
import { Facts } from '../../../components/facts.tsx'
import { MemoryBar } from '../../../components/memory-bar.tsx'
import { Panel } from '../../../components/panel.tsx'
import { formatBytes, formatMs } from '../../../prepare/format.ts'
import { toYaml } from '../../deployment/prepare/document.ts'
import { EvidenceList } from '../../optimise/components/evidence-list.tsx'
import { Percentiles } from '../../optimise/components/percentiles.tsx'
import { TargetTable } from '../../optimise/components/target-table.tsx'
import { costText, describeWorkload, engineLabel, hardwareText, parallelText } from '../../optimise/prepare/result.ts'
import { describeTargets } from '../../optimise/prepare/targets.ts'
import { isBusy } from '../prepare/summary.ts'
import { ApplyDialog } from './apply-dialog.tsx'
import classes from './configuration.module.css'

const defaultWorkload = Workload.parse({})

type Revision = EndpointDetail['revisions'][number]

export function Configuration({ endpoint }: { endpoint: EndpointDetail }) {
  const [editing, setEditing] = useState(false)
  const current = endpoint.revisions.find((revision) => revision.number === endpoint.revision)
  return (
    <div className={classes.columns}>
      <Panel
        title={`Revision ${endpoint.revision}`}
        actions={
          <Button variant="default" size="xs" onClick={() => setEditing(true)} disabled={isBusy(endpoint)}>
            Edit and apply
          </Button>
        }
      >
        <CopyBlock value={toYaml(endpoint.deployment)} label="configuration as YAML" />
      </Panel>
      <Stack gap="md">
        <Panel title="What was asked for">
          <Facts
            facts={[
              { label: 'Limits', wide: true, value: describeTargets(endpoint.targets) },
              {
                label: 'Workload',
                wide: true,
                value: endpoint.workload ? describeWorkload(endpoint.workload) : 'not stated',
              },
            ]}
          />
        </Panel>
        {current?.predicted ? (
          <Panel
            title="What was predicted"
            note={`By ${current.predicted.predictor}. Dashed is predicted, not measured.`}
          >
            <Stack gap="md">
              <TargetTable
                prediction={current.predicted}
                targets={endpoint.targets}
                workload={endpoint.workload ?? defaultWorkload}
                held={current.approval_id !== null}
              />
              <div>
                <Title order={3} mb={8}>
                  Memory of one GPU ({formatBytes(current.predicted.memory.gpu_memory_bytes)})
                </Title>
                <MemoryBar fit={current.predicted.memory} />
              </div>
              <EvidenceList prediction={current.predicted} />
              <Percentiles prediction={current.predicted} />
            </Stack>
          </Panel>
        ) : null}
      </Stack>
      <div className={classes.wide}>
        <Revisions endpoint={endpoint} />
      </div>
      <ApplyDialog endpoint={endpoint} opened={editing} onClose={() => setEditing(false)} />
    </div>
  )
}

function Revisions({ endpoint }: { endpoint: EndpointDetail }) {
  const [shown, setShown] = useState<Revision>()
  const revisions = [...endpoint.revisions].sort((a, b) => b.number - a.number)
  return (
    <Panel title="Revisions" flush>
      <Table miw={720}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Revision</Table.Th>
            <Table.Th>Configuration</Table.Th>
            <Table.Th>Predicted</Table.Th>
            <Table.Th>By</Table.Th>
            <Table.Th>When</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {revisions.map((revision) => (
            <RevisionRow
              key={revision.number}
              revision={revision}
              current={revision.number === endpoint.revision}
              onShow={() => setShown(revision)}
            />
          ))}
        </Table.Tbody>
      </Table>
      <Modal opened={shown !== undefined} onClose={() => setShown(undefined)} title={`Revision ${shown?.number ?? ''}`}>
        {shown ? <CopyBlock value={toYaml(shown.deployment)} label="configuration as YAML" /> : null}
      </Modal>
    </Panel>
  )
}

function RevisionRow({ revision, current, onShow }: { revision: Revision; current: boolean; onShow: () => void }) {
  const { deployment, predicted } = revision
  return (
    <Table.Tr>
      <Table.Td>
        <Group gap={6} wrap="nowrap">
          <Anchor component="button" type="button" onClick={onShow} fw={500}>
            {revision.number}
          </Anchor>
          {current ? <Text c="dimmed">current</Text> : null}
        </Group>
      </Table.Td>
      <Table.Td>
        {engineLabel(deployment)} · {parallelText(deployment)} · {hardwareText(deployment)}
      </Table.Td>
      <Table.Td>
        {predicted
          ? `TTFT p99 ${formatMs(predicted.ttft_ms_p99.value)}, ${costText(predicted.cost_usd_per_hour)}`
          : '—'}
      </Table.Td>
      <Table.Td>
        {revision.created_by}
        {revision.approval_id ? (
          <Text fz="sm" c="dimmed">
            approved
          </Text>
        ) : null}
      </Table.Td>
      <Table.Td>
        <Ago at={revision.created_at} />
      </Table.Td>
    </Table.Tr>
  )
}
