/** The durable steps of a long operation, each with its evidence; a step that did not happen is never shown as done. */

import type { Operation } from '@bud/contract'
import { Group, Progress, Text } from '@mantine/core'
import { formatBytes, formatInteger } from '../prepare/format.ts'
import { stepTone } from '../prepare/states.ts'
import { formatElapsed } from '../prepare/time.ts'
import { ReasonList } from './reason-list.tsx'
import { StatusIcon } from './status.tsx'
import classes from './step-timeline.module.css'
import { useNow } from './use-now.ts'

type Step = Operation['steps'][number]

export function StepTimeline({ operation }: { operation: Operation }) {
  return (
    <>
      <ol className={classes.steps} aria-label={`Steps of ${operation.kind}`}>
        {operation.steps.map((step) => (
          <StepRow key={step.name} step={step} />
        ))}
      </ol>
      {operation.reasons.length > 0 ? (
        <div className={classes.reasons}>
          <ReasonList reasons={operation.reasons} tone={operation.state === 'failed' ? 'bad' : 'idle'} />
        </div>
      ) : null}
    </>
  )
}

function StepRow({ step }: { step: Step }) {
  const now = useNow()
  const elapsed = formatElapsed(step.started_at, step.ended_at, now)
  return (
    <li className={classes.step} data-state={step.state}>
      <span className={classes.icon}>
        <StatusIcon tone={stepTone(step.state)} size={18} />
      </span>
      <div className={classes.text}>
        <Group justify="space-between" gap="xs" wrap="nowrap">
          <Text fw={500} tt="capitalize">
            {step.name.replaceAll('-', ' ')}
            <span className={classes.state}>{step.state}</span>
          </Text>
          <Text fz="sm" c="dimmed" style={{ whiteSpace: 'nowrap' }}>
            {elapsed}
          </Text>
        </Group>
        {step.message ? (
          <Text fz="sm" c="dimmed" style={{ overflowWrap: 'anywhere' }}>
            {step.message}
          </Text>
        ) : null}
        {step.state === 'running' && step.progress ? <StepProgress progress={step.progress} name={step.name} /> : null}
      </div>
    </li>
  )
}

function StepProgress({ progress, name }: { progress: NonNullable<Step['progress']>; name: string }) {
  const format = progress.unit === 'bytes' ? formatBytes : formatInteger
  const unit = progress.unit === 'bytes' ? '' : ` ${progress.unit}`
  return (
    <Group gap="xs" wrap="nowrap" mt={4}>
      <Progress
        value={progress.total > 0 ? (100 * progress.done) / progress.total : 0}
        aria-label={`Progress of ${name}`}
        flex={1}
        size="sm"
      />
      <Text fz="sm" c="dimmed" style={{ whiteSpace: 'nowrap' }}>
        {format(progress.done)} / {format(progress.total)}
        {unit}
      </Text>
    </Group>
  )
}
