import type { ModelDetail } from '@bud/contract'
import { Group, Text } from '@mantine/core'
import { Panel } from '../../../components/panel.tsx'
import { Status } from '../../../components/status.tsx'
import { NAMED_FITS, toFitRows } from '../prepare/answer.ts'

/** One replica on each cluster, with the smallest layout that holds it. */
export function FitsPanel({ fits }: Pick<ModelDetail, 'fits'>) {
  const rows = toFitRows(fits)
  // As many as the answers at the top name stand there already.
  if (rows.length <= NAMED_FITS) return null
  return (
    <Panel title="Fits on" note="One replica in its smallest layout, with its memory as predicted.">
      <ul style={{ listStyle: 'none', margin: 0, padding: 0 }}>
        {rows.map((row) => (
          <Group key={row.id} component="li" gap="xs" justify="space-between" py={3}>
            <Text fw={500}>{row.name}</Text>
            <Group gap="xs">
              {row.detail ? <Text c="dimmed">{row.detail}</Text> : null}
              <Status tone={row.tone} word={row.word} />
            </Group>
          </Group>
        ))}
      </ul>
    </Panel>
  )
}
