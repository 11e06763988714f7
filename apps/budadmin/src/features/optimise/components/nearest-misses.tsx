import type { Candidate } from '@bud/kernel'
import { Group, Radio, Stack, Text } from '@mantine/core'
import { IconArrowRight } from '../../../components/icons.ts'
import { Panel } from '../../../components/panel.tsx'
import { costText, describeConfiguration } from '../prepare/result.ts'
import { toWhyParts } from '../prepare/why.ts'
import classes from './rejected-list.module.css'

export interface NearestMissesProps {
  candidates: readonly Candidate[]
  chosen: number | undefined
  onChoose: (index: number) => void
}

/** When nothing holds: what comes closest for each limit, and what would make it hold. */
export function NearestMisses({ candidates, chosen, onChoose }: NearestMissesProps) {
  return (
    <Panel
      title="Nearest misses"
      note="What comes closest for each limit, what it misses, and what would make it hold: each way was checked."
    >
      <Stack gap={0}>
        {candidates.map((miss, index) => (
          <Miss
            // biome-ignore lint/suspicious/noArrayIndexKey: a miss is its place in the result
            key={index}
            miss={miss}
            chosen={index === chosen}
            onChoose={() => onChoose(index)}
          />
        ))}
      </Stack>
    </Panel>
  )
}

function Miss({ miss, chosen, onChoose }: { miss: Candidate; chosen: boolean; onChoose: () => void }) {
  const { said, remedy } = toWhyParts(miss.why)
  return (
    <div className={classes.row}>
      <Radio
        checked={chosen}
        onChange={onChoose}
        name="miss"
        label={`${describeConfiguration(miss.deployment)}: ${costText(miss.prediction.cost_usd_per_hour)}`}
        classNames={{ label: classes.name }}
      />
      <div className={classes.under}>
        <Text fz="sm" c="dimmed">
          {said}
        </Text>
        {remedy ? (
          <Group gap={6} wrap="nowrap" align="flex-start" mt={4}>
            <IconArrowRight size={14} aria-hidden style={{ flexShrink: 0, marginTop: 4 }} />
            <Text>{remedy}</Text>
          </Group>
        ) : null}
      </div>
    </div>
  )
}
