import type { RejectedGroup } from '@bud/kernel'
import { Group, Stack, Text } from '@mantine/core'
import { Panel } from '../../../components/panel.tsx'
import { ReasonList } from '../../../components/reason-list.tsx'
import { formatInteger, plural } from '../../../prepare/format.ts'
import { engineLabel, hardwareText, parallelText } from '../prepare/result.ts'
import classes from './rejected-list.module.css'

/** Why not the others: configurations turned down for one reason, with one as the example. */
export function RejectedList({ rejected, feasible }: { rejected: readonly RejectedGroup[]; feasible: boolean }) {
  if (rejected.length === 0) return null
  const total = rejected.reduce((sum, group) => sum + group.count, 0)
  return (
    <Panel
      title={feasible ? 'Why not the others' : 'Why nothing holds'}
      note={`${plural(total, 'configuration')} turned down.`}
    >
      <Stack gap={0}>
        {rejected.map((group) => (
          <Group
            key={`${group.reason.code}:${group.reason.message}`}
            wrap="nowrap"
            align="flex-start"
            className={classes.row}
          >
            <Text fw={600} className={classes.count}>
              {formatInteger(group.count)}
            </Text>
            <div style={{ minWidth: 0 }}>
              <ReasonList reasons={[group.reason]} tone="idle" />
              <Text fz="sm" c="dimmed" pl={26}>
                e.g. {engineLabel(group.example)}, {parallelText(group.example)}, {hardwareText(group.example)}
              </Text>
            </div>
          </Group>
        ))}
      </Stack>
    </Panel>
  )
}
