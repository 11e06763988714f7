/** Reasons are first-class: each with its evidence, its place in the input, and the next step. */

import type { Reason } from '@bud/kernel'
import { Code, Group, Stack, Text } from '@mantine/core'
import type { Tone } from '../prepare/states.ts'
import { IconArrowRight } from './icons.ts'
import { PlainWords } from './plain-words.tsx'
import { StatusIcon } from './status.tsx'

export function ReasonList({ reasons, tone }: { reasons: readonly Reason[]; tone: Tone }) {
  return (
    <Stack gap="xs" component="ul" p={0} m={0} style={{ listStyle: 'none' }}>
      {reasons.map((reason) => (
        <Group
          key={`${reason.code}:${reason.path ?? ''}:${reason.message}`}
          component="li"
          gap="xs"
          wrap="nowrap"
          align="flex-start"
        >
          <span style={{ paddingTop: 2 }}>
            <StatusIcon tone={tone} />
          </span>
          <ReasonText reason={reason} />
        </Group>
      ))}
    </Stack>
  )
}

function ReasonText({ reason }: { reason: Reason }) {
  // A sentence that begins with the place has no need of it twice.
  const place = reason.path && !reason.message.startsWith(reason.path) ? reason.path : undefined
  return (
    <div style={{ minWidth: 0, overflowWrap: 'anywhere' }}>
      <Text>
        {place ? <Code mr={6}>{place}</Code> : null}
        <PlainWords said={reason.message} />
      </Text>
      {reason.evidence ? (
        <Text c="dimmed" fz="sm" ff="monospace" style={{ whiteSpace: 'pre-wrap' }}>
          {reason.evidence}
        </Text>
      ) : null}
      {reason.next_step ? (
        <Group gap={4} wrap="nowrap" align="center" c="dimmed">
          <IconArrowRight size={14} aria-hidden style={{ flexShrink: 0 }} />
          <Text fz="sm">
            <PlainWords said={reason.next_step} />
          </Text>
        </Group>
      ) : null}
    </div>
  )
}
