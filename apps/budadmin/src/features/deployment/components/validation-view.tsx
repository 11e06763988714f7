import type { Reason } from '@bud/kernel'
import { Stack, Text } from '@mantine/core'
import { ProblemAlert } from '../../../components/problem-alert.tsx'
import { ReasonList } from '../../../components/reason-list.tsx'
import { Status } from '../../../components/status.tsx'
import type { useValidation } from '../api/use-validation.ts'

export interface ValidationViewProps {
  /** What is wrong with the document itself; the server is asked only when nothing is. */
  documentReasons: readonly Reason[]
  validation: ReturnType<typeof useValidation>
}

/** The verdict on the document, always in the same place: what blocks, what to know, or that it can be deployed. */
export function ValidationView({ documentReasons, validation }: ValidationViewProps) {
  return (
    <Stack gap="xs" role="status" aria-live="polite" aria-label="Validation">
      <Verdict documentReasons={documentReasons} validation={validation} />
    </Stack>
  )
}

function Verdict({ documentReasons, validation }: ValidationViewProps) {
  if (documentReasons.length > 0) {
    return (
      <>
        <Status tone="bad" word="The document has problems" />
        <ReasonList reasons={documentReasons} tone="bad" />
      </>
    )
  }
  if (validation.error) return <ProblemAlert error={validation.error} />
  if (!validation.data) return <Text c="dimmed">Checks appear here once model, cluster and document are there.</Text>
  const { ok, reasons, warnings } = validation.data
  return (
    <>
      {validation.settled ? (
        <Status tone={ok ? 'good' : 'bad'} word={ok ? 'Can be deployed' : 'Cannot be deployed'} />
      ) : (
        <Status tone="busy" word="Checking" />
      )}
      {reasons.length > 0 ? <ReasonList reasons={reasons} tone="bad" /> : null}
      {warnings.length > 0 ? <ReasonList reasons={warnings} tone="warn" /> : null}
    </>
  )
}
