import type { Optimization } from '@bud/contract'
import type { Candidate } from '@bud/kernel'
import { SimpleGrid, Stack, Text, Title } from '@mantine/core'
import { Facts } from '../../../components/facts.tsx'
import { MemoryBar } from '../../../components/memory-bar.tsx'
import { Panel } from '../../../components/panel.tsx'
import { formatBytes } from '../../../prepare/format.ts'
import { toConfigurationFacts } from '../prepare/result.ts'
import { TargetTable } from './target-table.tsx'

export interface CandidateViewProps {
  result: Optimization
  candidate: Candidate
  index: number
}

export function CandidateView({ result, candidate, index }: CandidateViewProps) {
  const { memory } = candidate.prediction
  return (
    <SimpleGrid cols={{ base: 1, md: 2 }} spacing="md">
      <Panel title={titleOf(result.feasible, index)} note={candidate.why}>
        <Stack gap="lg">
          <Facts facts={toConfigurationFacts(candidate)} />
          <div>
            <Title order={3} mb={8}>
              Memory of one GPU ({formatBytes(memory.gpu_memory_bytes)})
            </Title>
            <MemoryBar fit={memory} />
          </div>
        </Stack>
      </Panel>
      <Panel title="Predicted against your limits" note={<PredictedBy predictor={candidate.prediction.predictor} />}>
        <TargetTable prediction={candidate.prediction} targets={result.targets} workload={result.workload} />
        {candidate.prediction.saturated ? (
          <Text mt="sm" c="var(--bud-warn)">
            The load exceeds what these replicas can serve: requests would queue.
          </Text>
        ) : null}
      </Panel>
    </SimpleGrid>
  )
}

function titleOf(feasible: boolean, index: number): string {
  if (!feasible) return index === 0 ? 'Nearest miss' : `Near miss ${index + 1}`
  return index === 0 ? 'Recommended configuration' : `Alternative ${index}`
}

function PredictedBy({ predictor }: { predictor: string }) {
  return <>At the workload above, by {predictor}. Dashed is predicted, not measured.</>
}
