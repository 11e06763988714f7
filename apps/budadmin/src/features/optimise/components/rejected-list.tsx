import type { RejectedGroup } from '@bud/kernel'
import { Button, Center, Group, Stack, Text } from '@mantine/core'
import { useState } from 'react'
import { Panel } from '../../../components/panel.tsx'
import { ReasonList } from '../../../components/reason-list.tsx'
import { formatInteger, plural } from '../../../prepare/format.ts'
import { toRejectedReason } from '../prepare/rejected.ts'
import { describeConfiguration } from '../prepare/result.ts'
import classes from './rejected-list.module.css'

const SHOWN_FIRST = 4

/** Why not the others: configurations turned down for one reason, with one as the example. */
export function RejectedList({ rejected, feasible }: { rejected: readonly RejectedGroup[]; feasible: boolean }) {
  const [all, setAll] = useState(false)
  if (rejected.length === 0) return null
  const shown = all ? rejected : rejected.slice(0, SHOWN_FIRST)
  const total = rejected.reduce((sum, group) => sum + group.count, 0)
  return (
    <Panel
      title={feasible ? 'Why not the others' : 'Why nothing holds'}
      note={`${plural(total, 'configuration')} turned down.`}
    >
      <Stack gap={0}>
        {shown.map((group) => (
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
              <ReasonList reasons={[toRejectedReason(group.reason)]} tone="idle" />
              <Text fz="sm" c="dimmed" pl={26}>
                e.g. {describeConfiguration(group.example)}
              </Text>
            </div>
          </Group>
        ))}
      </Stack>
      {shown.length < rejected.length ? (
        <Center>
          <Button variant="subtle" size="compact-sm" onClick={() => setAll(true)}>
            Show all {rejected.length} reasons
          </Button>
        </Center>
      ) : null}
    </Panel>
  )
}
