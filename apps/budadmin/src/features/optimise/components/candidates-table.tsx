import type { Candidate } from '@bud/kernel'
import { Button, Center, Radio, Table, Text } from '@mantine/core'
import { useState } from 'react'
import { Panel } from '../../../components/panel.tsx'
import { formatFigure, formatInteger, formatMs, formatUsd } from '../../../prepare/format.ts'
import { costText, engineLabel, hardwareText, parallelText } from '../prepare/result.ts'
import { toWhyParts } from '../prepare/why.ts'
import classes from './candidates-table.module.css'

export interface CandidatesTableProps {
  candidates: readonly Candidate[]
  /** undefined: what is chosen is none of them. */
  chosen: number | undefined
  onChoose: (index: number) => void
}

const SHOWN_FIRST = 5

export function CandidatesTable({ candidates, chosen, onChoose }: CandidatesTableProps) {
  const [all, setAll] = useState(chosen !== undefined && chosen >= SHOWN_FIRST)
  if (candidates.length < 2) return null
  const shown = all ? candidates : candidates.slice(0, SHOWN_FIRST)
  return (
    <Panel
      title="Next best of other shapes"
      note="The best of each engine, GPU type, layout and number format. Choose one to see and approve it."
      flush
    >
      <Table highlightOnHover miw={980}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th w={40}>
              <span className="visually-hidden">Chosen</span>
            </Table.Th>
            <Table.Th>Configuration</Table.Th>
            <Table.Th>GPUs</Table.Th>
            <Table.Th ta="right" className={classes.figure}>
              TTFT p99
            </Table.Th>
            <Table.Th ta="right" className={classes.figure}>
              TPOT
            </Table.Th>
            <Table.Th ta="right" className={classes.figure}>
              End to end p99
            </Table.Th>
            <Table.Th ta="right" className={classes.figure}>
              Tokens/s
            </Table.Th>
            <Table.Th ta="right" className={classes.figure}>
              Cost
            </Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {shown.map((candidate, index) => (
            <CandidateRow
              // biome-ignore lint/suspicious/noArrayIndexKey: a candidate is its place in the result
              key={index}
              candidate={candidate}
              index={index}
              chosen={index === chosen}
              onChoose={() => onChoose(index)}
            />
          ))}
        </Table.Tbody>
      </Table>
      {shown.length < candidates.length ? (
        <Center p="xs">
          <Button variant="subtle" size="compact-sm" onClick={() => setAll(true)}>
            Show all {candidates.length}
          </Button>
        </Center>
      ) : null}
    </Panel>
  )
}

interface CandidateRowProps {
  candidate: Candidate
  index: number
  chosen: boolean
  onChoose: () => void
}

function CandidateRow({ candidate, index, chosen, onChoose }: CandidateRowProps) {
  const { deployment, prediction } = candidate
  return (
    <Table.Tr onClick={onChoose} style={{ cursor: 'pointer' }} {...(chosen ? { bg: 'var(--bud-quiet)' } : {})}>
      <Table.Td>
        <Radio
          checked={chosen}
          onChange={onChoose}
          name="candidate"
          aria-label={`Choose configuration ${index + 1}`}
          size="xs"
        />
      </Table.Td>
      <Table.Td>
        <Text fw={500}>
          {engineLabel(deployment)} · {parallelText(deployment)} · {formatInteger(deployment.config.max_num_seqs)}{' '}
          sequences
        </Text>
        <Text fz="sm" c="dimmed">
          {toWhyParts(candidate.why).said}
        </Text>
      </Table.Td>
      <Table.Td className={classes.figure}>{hardwareText(deployment)}</Table.Td>
      <Table.Td ta="right" className={classes.figure}>
        {formatMs(prediction.ttft_ms_p99.value)}
      </Table.Td>
      <Table.Td ta="right" className={classes.figure}>
        {formatMs(prediction.tpot_ms.value)}
      </Table.Td>
      <Table.Td ta="right" className={classes.figure}>
        {formatMs(prediction.e2e_ms_p99.value)}
      </Table.Td>
      <Table.Td ta="right" className={classes.figure}>
        {formatFigure(prediction.output_tokens_per_s.value)}
      </Table.Td>
      <Table.Td ta="right" className={classes.figure}>
        {costText(prediction.cost_usd_per_hour)}
        {prediction.cost_usd_per_million_output_tokens === null ? null : (
          <Text fz="sm" c="dimmed">
            {formatUsd(prediction.cost_usd_per_million_output_tokens)} per million
          </Text>
        )}
      </Table.Td>
    </Table.Tr>
  )
}
