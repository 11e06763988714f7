import { Group, Loader, Text } from '@mantine/core'
import { useEffect, useRef } from 'react'
import { ScrollBox } from '../../../components/scroll-box.tsx'
import { StatusIcon } from '../../../components/status.tsx'
import type { Turn } from '../api/use-chat.ts'
import { describeTiming } from '../prepare/stats.ts'
import classes from './playground.module.css'

export function Conversation({ turns, pending }: { turns: readonly Turn[]; pending: boolean }) {
  const box = useRef<HTMLElement>(null)
  // biome-ignore lint/correctness/useExhaustiveDependencies: follows the answer
  useEffect(() => {
    if (box.current) box.current.scrollTop = box.current.scrollHeight
  }, [turns])
  return (
    <ScrollBox ref={box} className={classes.turns} role="log" aria-label="Conversation" aria-busy={pending}>
      {turns.map((turn) => (
        <TurnView key={turn.key} turn={turn} waiting={pending && turn === turns.at(-1)} />
      ))}
    </ScrollBox>
  )
}

function TurnView({ turn, waiting }: { turn: Turn; waiting: boolean }) {
  const timing = turn.timing ? describeTiming(turn.timing) : undefined
  return (
    <div className={classes.turn} data-role={turn.role}>
      <span className="visually-hidden">{turn.role === 'user' ? 'You: ' : 'Model: '}</span>
      {turn.content}
      {waiting && turn.content === '' ? (
        <Loader size="xs" type="dots" aria-label="Waiting for the first token" />
      ) : null}
      {turn.error ? (
        <Group gap={6} wrap="nowrap" align="flex-start" mt={4}>
          <StatusIcon tone={turn.error === 'Stopped.' ? 'idle' : 'bad'} />
          <Text fz="sm">{turn.error}</Text>
        </Group>
      ) : null}
      {timing ? (
        <Text fz="xs" c="dimmed" mt={4} data-testid="answer-timing">
          {timing}
        </Text>
      ) : null}
    </div>
  )
}
