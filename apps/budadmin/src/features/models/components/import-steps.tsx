import { useQuery } from '@tanstack/react-query'
import { Panel } from '../../../components/panel.tsx'
import { StepTimeline } from '../../../components/step-timeline.tsx'
import { operationQuery } from '../../operations/api/operation.ts'

/** The import and scan as they happen; out of the way once they have succeeded. */
export function ImportSteps({ operationId }: { operationId: string | null }) {
  const operation = useQuery(operationQuery(operationId)).data
  if (!operation || operation.state === 'succeeded') return null
  return (
    <Panel title="Import and scan">
      <StepTimeline operation={operation} />
    </Panel>
  )
}
