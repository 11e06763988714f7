/** Status is icon, word and colour, with since-when: never colour alone. */
import { Group, Text, Tooltip } from '@mantine/core'
import type { Tone } from '../prepare/states.ts'
import { formatFor, formatInstant } from '../prepare/time.ts'
import { IconBad, IconBusy, IconGood, IconIdle, IconWarn } from './icons.ts'
import { useNow } from './use-now.ts'

const icons = { good: IconGood, busy: IconBusy, warn: IconWarn, bad: IconBad, idle: IconIdle } as const

export interface StatusProps {
  tone: Tone
  word: string
  since?: string | null | undefined
  size?: 'sm' | 'lg'
}

export function Status({ tone, word, since, size = 'sm' }: StatusProps) {
  return (
    <Group gap={6} wrap="nowrap" style={{ whiteSpace: 'nowrap' }}>
      <StatusIcon tone={tone} size={size === 'lg' ? 20 : 16} />
      <Text component="span" fz={size === 'lg' ? 'lg' : 'md'} fw={size === 'lg' ? 600 : 500} c={`var(--bud-${tone})`}>
        {word}
      </Text>
      {since ? <Held since={since} /> : null}
    </Group>
  )
}

export function StatusIcon({ tone, size = 16 }: { tone: Tone; size?: number }) {
  const Icon = icons[tone]
  return (
    <Icon
      size={size}
      aria-hidden
      className={tone === 'busy' ? 'bud-spin' : undefined}
      style={{ color: `var(--bud-${tone})`, flexShrink: 0 }}
    />
  )
}

function Held({ since }: { since: string }) {
  const now = useNow()
  return (
    <Tooltip label={`since ${formatInstant(since)}`}>
      <Text component="time" dateTime={since} c="dimmed" fz="sm">
        {formatFor(since, now)}
      </Text>
    </Tooltip>
  )
}
