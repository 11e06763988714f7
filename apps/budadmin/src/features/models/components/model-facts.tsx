import type { ModelDetail } from '@bud/contract'
import { Text } from '@mantine/core'
import { Ago } from '../../../components/ago.tsx'
import { CopyText } from '../../../components/copy-text.tsx'
import { Facts } from '../../../components/facts.tsx'
import { Panel } from '../../../components/panel.tsx'
import { ReasonList } from '../../../components/reason-list.tsx'
import { toFactRows } from '../prepare/facts.ts'

export function ModelFactsPanel({ model }: { model: ModelDetail }) {
  return (
    <Panel
      title="Facts"
      note={
        model.origin === 'catalogue'
          ? 'From the catalogue. It has no files here: it runs only on clusters whose engines need none, such as simulated ones.'
          : 'Read from the files.'
      }
    >
      <Facts facts={toFactRows(model)} />
      <div style={{ marginTop: 14 }}>
        <Text fz="sm" c="dimmed">
          Id
        </Text>
        <CopyText value={model.id} label="Copy id" />
      </div>
      {model.registered_by ? (
        <Text fz="sm" c="dimmed" mt="sm">
          Registered by {model.registered_by} <Ago at={model.created_at} />
          {model.source_path ? ` from ${model.source_path}` : ''}
        </Text>
      ) : null}
    </Panel>
  )
}

/** Where the request claimed something else than the files say. */
export function ModelConflicts({ conflicts }: { conflicts: ModelDetail['conflicts'] }) {
  if (conflicts.length === 0) return null
  return (
    <Panel title="The files say something else" note="The files win; these claims were set aside.">
      <ReasonList
        tone="warn"
        reasons={conflicts.map((conflict) => ({
          code: 'fact-conflict',
          path: conflict.field,
          message: conflict.message,
          evidence: `claimed ${conflict.claimed}, found ${conflict.found}`,
        }))}
      />
    </Panel>
  )
}
