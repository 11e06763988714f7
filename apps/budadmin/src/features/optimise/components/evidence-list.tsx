import type { Prediction } from '@bud/kernel'
import { Group, Stack, Text, Title } from '@mantine/core'
import { StatusIcon } from '../../../components/status.tsx'
import { toEvidenceLines } from '../prepare/evidence.ts'

/** How far a prediction can be trusted, and why. */
export function EvidenceList({ prediction }: { prediction: Prediction }) {
  const lines = toEvidenceLines(prediction)
  if (lines.length === 0) return null
  return (
    <div>
      <Title order={3} mb={4}>
        What stands behind it
      </Title>
      <Stack component="ul" gap={2} p={0} m={0} style={{ listStyle: 'none' }}>
        {lines.map(({ tone, text }) => (
          <Group key={text} component="li" gap={6} wrap="nowrap" align="flex-start">
            <span style={{ paddingTop: 2 }}>
              <StatusIcon tone={tone} size={14} />
            </span>
            <Text fz="sm">{text}</Text>
          </Group>
        ))}
      </Stack>
    </div>
  )
}
