import type { ModelDetail } from '@bud/contract'
import { Stack, Text } from '@mantine/core'
import { TextLink } from '../../../components/link.tsx'
import { Panel } from '../../../components/panel.tsx'
import { Tag } from '../../../components/tag.tsx'
import { relationText } from '../prepare/answer.ts'

/** What it was made from, and what was made from it. */
export function LineagePanel({ model }: { model: ModelDetail }) {
  if (model.lineage.length === 0 && model.derived.length === 0) return null
  return (
    <Panel title="Lineage">
      <Stack gap="xs">
        {model.lineage.map((base) => (
          <Text key={`${base.relation}:${base.name}`} style={{ overflowWrap: 'anywhere' }}>
            {relationText(base.relation).base}{' '}
            {base.model_id ? (
              <TextLink to="/models/$modelId" params={{ modelId: base.model_id }}>
                {base.name}
              </TextLink>
            ) : (
              <b>{base.name}</b>
            )}{' '}
            <Text span fz="sm" c="dimmed">
              {base.model_id ? '' : 'not registered here, '}stated in {base.source}
            </Text>
          </Text>
        ))}
        {model.derived.length > 0 ? (
          <Text fz="sm" c="dimmed">
            Made from it
          </Text>
        ) : null}
        {model.derived.map((one) => (
          <div key={one.model_id}>
            <TextLink to="/models/$modelId" params={{ modelId: one.model_id }} style={{ overflowWrap: 'anywhere' }}>
              {one.name}
            </TextLink>{' '}
            <Tag>{relationText(one.relation).derived}</Tag>
          </div>
        ))}
      </Stack>
    </Panel>
  )
}
