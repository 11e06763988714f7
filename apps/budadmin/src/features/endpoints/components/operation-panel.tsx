import type { Operation } from '@bud/contract'
import { Button } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { Ago } from '../../../components/ago.tsx'
import { Panel } from '../../../components/panel.tsx'
import { StepTimeline } from '../../../components/step-timeline.tsx'
import { useNow } from '../../../components/use-now.ts'
import { formatElapsed } from '../../../prepare/time.ts'
import { operationQuery } from '../../operations/api/operation.ts'

/** Open while the operation runs or when it failed; one line once it has succeeded. */
export function OperationPanel({ operationId }: { operationId: string | null }) {
  const operation = useQuery(operationQuery(operationId)).data
  const [opened, setOpened] = useState<boolean>()
  if (!operation) return null
  const shown = opened ?? operation.state !== 'succeeded'
  return (
    <Panel
      title={<span style={{ textTransform: 'capitalize' }}>{operation.kind.replaceAll('-', ' ')}</span>}
      note={<OperationNote operation={operation} />}
      actions={
        operation.state === 'succeeded' ? (
          <Button variant="subtle" size="compact-sm" onClick={() => setOpened(!shown)} aria-expanded={shown}>
            {shown ? 'Hide steps' : 'Show steps'}
          </Button>
        ) : undefined
      }
    >
      {shown ? <StepTimeline operation={operation} /> : null}
    </Panel>
  )
}

function OperationNote({ operation }: { operation: Operation }) {
  const now = useNow()
  const took = formatElapsed(operation.created_at, operation.ended_at, now)
  if (operation.state === 'running')
    return (
      <>
        under way for {took}, started by {operation.created_by}
      </>
    )
  return (
    <>
      {operation.state} <Ago at={operation.ended_at} />, took {took}, started by {operation.created_by}
    </>
  )
}
