import { Button, Group, Progress, Text } from '@mantine/core'
import { IconPause } from '../../../components/icons.ts'
import { rateOf, type TransferSample, transferText } from '../prepare/transfer.ts'

export interface TransferBarProps {
  samples: readonly TransferSample[]
  total: number
  sending: boolean
  onPause: () => void
}

/** How much has arrived, how fast, and how long it will still take. */
export function TransferBar({ samples, total, sending, onPause }: TransferBarProps) {
  const bytes = samples.at(-1)?.bytes ?? 0
  return (
    <div>
      <Progress value={total === 0 ? 100 : (100 * bytes) / total} aria-label="Upload" animated={sending} />
      <Group justify="space-between" mt={4} gap="xs" wrap="nowrap">
        <Text fz="sm" c="dimmed">
          {transferText(bytes, total, sending ? rateOf(samples) : undefined)}
          {sending ? '' : ' · paused'}
        </Text>
        {sending ? (
          <Button size="compact-sm" variant="subtle" leftSection={<IconPause size={14} />} onClick={onPause}>
            Pause
          </Button>
        ) : null}
      </Group>
    </div>
  )
}
