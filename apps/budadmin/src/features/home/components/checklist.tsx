import { Text } from '@mantine/core'
import { IconGood, IconIdle } from '../../../components/icons.ts'
import { ButtonLink } from '../../../components/link.tsx'
import { Panel } from '../../../components/panel.tsx'
import type { ChecklistStep } from '../prepare/checklist.ts'
import classes from './checklist.module.css'

export interface ChecklistProps {
  steps: readonly ChecklistStep[]
  endpointId: string | undefined
  /** The newest search, to approve from. */
  approveId: string | undefined
}

/** From nothing to an answer in five steps; ticks itself, and goes away when done. */
export function Checklist({ steps, endpointId, approveId }: ChecklistProps) {
  return (
    <Panel title="From a model to an answer" note="Five steps; they tick themselves as they happen.">
      <ol className={classes.steps}>
        {steps.map((step, index) => (
          <li key={step.name} className={classes.step} data-state={step.state}>
            <Mark state={step.state} number={index + 1} />
            <div>
              <Text fw={600}>
                {step.title}
                <span className="visually-hidden"> ({step.state})</span>
              </Text>
              <Text fz="sm" c="dimmed">
                {step.state === 'skipped' ? 'Skipped: deployed from a document.' : step.text}
              </Text>
              {step.state === 'next' ? <StepAction step={step} endpointId={endpointId} approveId={approveId} /> : null}
            </div>
          </li>
        ))}
      </ol>
    </Panel>
  )
}

function Mark({ state, number }: { state: ChecklistStep['state']; number: number }) {
  if (state === 'done') return <IconGood size={24} aria-hidden style={{ color: 'var(--bud-good)', flexShrink: 0 }} />
  if (state === 'skipped') return <IconIdle size={24} aria-hidden style={{ color: 'var(--bud-idle)', flexShrink: 0 }} />
  return (
    <span className={classes.number} aria-hidden>
      {number}
    </span>
  )
}

function StepAction({ step, endpointId, approveId }: { step: ChecklistStep } & Omit<ChecklistProps, 'steps'>) {
  const look = { size: 'xs', mt: 8 } as const
  if (step.name === 'choose')
    return (
      <ButtonLink {...look} to="/models">
        Choose a model
      </ButtonLink>
    )
  if (step.name === 'limits')
    return (
      <ButtonLink {...look} to="/optimise">
        State limits
      </ButtonLink>
    )
  if (step.name === 'chat' && endpointId) {
    return (
      <ButtonLink {...look} to="/endpoints/$endpointId" params={{ endpointId }} search={{ tab: 'chat' }}>
        Chat
      </ButtonLink>
    )
  }
  if (approveId) {
    return (
      <ButtonLink {...look} to="/optimise/$optimizationId" params={{ optimizationId: approveId }}>
        {step.name === 'approve' ? 'Review and approve' : 'Deploy it'}
      </ButtonLink>
    )
  }
  return (
    <ButtonLink {...look} to="/optimise">
      Optimise
    </ButtonLink>
  )
}
