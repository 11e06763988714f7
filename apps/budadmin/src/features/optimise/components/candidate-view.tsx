import type { Optimization } from '@bud/contract'
import { SimpleGrid, Stack, Text, Title } from '@mantine/core'
import { Facts } from '../../../components/facts.tsx'
import { MemoryBar } from '../../../components/memory-bar.tsx'
import { Panel } from '../../../components/panel.tsx'
import { formatBytes } from '../../../prepare/format.ts'
import type { Choice } from '../prepare/choices.ts'
import { toConfigurationFacts } from '../prepare/result.ts'
import { toWhyParts } from '../prepare/why.ts'
import { EvidenceList } from './evidence-list.tsx'
import { Percentiles } from './percentiles.tsx'
import { TargetTable } from './target-table.tsx'

export interface CandidateViewProps {
  result: Optimization
  choice: Choice
}

export function CandidateView({ result, choice: { candidate, title } }: CandidateViewProps) {
  const { prediction } = candidate
  const { memory } = prediction
  const { said, remedy } = toWhyParts(candidate.why)
  const note = result.feasible ? said : (remedy ?? said)
  return (
    <SimpleGrid cols={{ base: 1, md: 2 }} spacing="md">
      <Panel title={title} note={note}>
        <Stack gap="lg">
          <Facts facts={toConfigurationFacts(candidate)} />
          <div>
            <Title order={3} mb={8}>
              Memory of one GPU ({formatBytes(memory.gpu_memory_bytes)})
            </Title>
            <MemoryBar fit={memory} />
          </div>
          <EvidenceList prediction={prediction} />
        </Stack>
      </Panel>
      <Panel
        title="Predicted against your limits"
        note={`By ${prediction.predictor}. Dashed is predicted, not measured; the thin range is the 80 % interval.`}
      >
        <Stack gap="md">
          <TargetTable
            prediction={prediction}
            targets={result.targets}
            workload={result.workload}
            held={result.feasible}
          />
          {prediction.saturated ? (
            <Text c="var(--bud-warn)">The load exceeds what these replicas can serve: requests would queue.</Text>
          ) : null}
          <Percentiles prediction={prediction} />
        </Stack>
      </Panel>
    </SimpleGrid>
  )
}
