import type { ModelDetail } from '@bud/contract'
import { Stack, Text } from '@mantine/core'
import type { ReactNode } from 'react'
import { Ago } from '../../../components/ago.tsx'
import { CopyText } from '../../../components/copy-text.tsx'
import { Facts } from '../../../components/facts.tsx'
import { Panel } from '../../../components/panel.tsx'
import { ReasonList } from '../../../components/reason-list.tsx'
import { generationText, toFactRows } from '../prepare/facts.ts'

export function ModelFactsPanel({ model }: { model: ModelDetail }) {
  const generation = generationText(model.generation)
  return (
    <Panel title="Facts" note={model.origin === 'catalogue' ? 'From the catalogue.' : 'Read from the files.'}>
      <Stack gap="sm">
        <Facts facts={toFactRows(model)} />
        {generation ? <Line label="Generation defaults">{generation}</Line> : null}
        <Line label="Id">
          <CopyText value={model.id} label="Copy id" />
        </Line>
        <Origin model={model} />
        <Sources sources={model.sources} />
      </Stack>
    </Panel>
  )
}

function Line({ label, children }: { label: string; children: ReactNode }) {
  return (
    <div style={{ overflowWrap: 'anywhere' }}>
      <Text fz="sm" c="dimmed">
        {label}
      </Text>
      {children}
    </div>
  )
}

/** Who brought it, when and from where. */
function Origin({ model }: { model: ModelDetail }) {
  if (!model.registered_by) return null
  const pinned = model.pinned_source && model.pinned_source !== model.source_path ? model.pinned_source : undefined
  return (
    <Text fz="sm" c="dimmed" style={{ overflowWrap: 'anywhere' }}>
      Registered by {model.registered_by} <Ago at={model.created_at} />
      {model.source_path ? ` from ${model.source_path}` : ''}
      {pinned ? `, as it was at ${pinned}` : ''}
    </Text>
  )
}

/** Where a catalogue entry's facts come from. */
function Sources({ sources }: Pick<ModelDetail, 'sources'>) {
  if (sources.length === 0) return null
  return (
    <Text fz="sm" c="dimmed" style={{ overflowWrap: 'anywhere' }}>
      {sources.length === 1 ? 'Source' : 'Sources'}: {sources.join('; ')}
    </Text>
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
