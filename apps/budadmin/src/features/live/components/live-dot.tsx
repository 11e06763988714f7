import { Group, Text, Tooltip } from '@mantine/core'
import type { LiveStatus } from '../prepare/live-status.ts'
import classes from './live-dot.module.css'

const texts: Record<LiveStatus['state'], { word: string; meaning: string }> = {
  connecting: { word: 'Connecting', meaning: 'Opening the stream of changes.' },
  live: { word: 'Live', meaning: 'Changes appear by themselves.' },
  lost: { word: 'Stream lost', meaning: 'What you see may be old. Trying to connect again.' },
}

/** The quiet sign that the screen is up to date, or is not. */
export function LiveDot({ state }: Pick<LiveStatus, 'state'>) {
  const { word, meaning } = texts[state]
  return (
    <Tooltip label={meaning}>
      <Group gap={6} wrap="nowrap" role="status">
        <span className={classes.dot} data-state={state} aria-hidden />
        <Text fz="sm" c="dimmed">
          {word}
        </Text>
      </Group>
    </Tooltip>
  )
}
