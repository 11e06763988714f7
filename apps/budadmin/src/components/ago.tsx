import { Text, Tooltip } from '@mantine/core'
import { formatAgo, formatInstant } from '../prepare/time.ts'
import { useNow } from './use-now.ts'

/** "4 min ago", with the exact time on hover. */
export function Ago({ at }: { at: string | null | undefined }) {
  const now = useNow()
  return (
    <Tooltip label={formatInstant(at)} disabled={!at}>
      <Text component="time" dateTime={at ?? undefined} inherit style={{ whiteSpace: 'nowrap' }}>
        {formatAgo(at, now)}
      </Text>
    </Tooltip>
  )
}
