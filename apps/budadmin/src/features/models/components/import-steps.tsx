import type { ModelDetail } from '@bud/contract'
import { useQuery } from '@tanstack/react-query'
import { Panel } from '../../../components/panel.tsx'
import { StepTimeline } from '../../../components/step-timeline.tsx'
import { operationQuery } from '../../operations/api/operation.ts'

/** The import and scan as they happen, and how far they came; a scan that has ended speaks for itself. */
export function ImportSteps({ model }: { model: Pick<ModelDetail, 'operation_id' | 'scan'> }) {
  const operation = useQuery(operationQuery(model.operation_id)).data
  const ended = operation?.state === 'succeeded' || (operation?.state !== 'running' && model.scan !== null)
  if (!operation || ended) return null
  return (
    <Panel title={<span style={{ textTransform: 'capitalize' }}>{operation.kind.replaceAll('-', ' ')}</span>}>
      <StepTimeline operation={operation} />
    </Panel>
  )
}
