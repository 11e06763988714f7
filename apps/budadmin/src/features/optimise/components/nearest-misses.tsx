import type { Optimization } from '@bud/contract'
import type { Candidate } from '@bud/kernel'
import { Group, Radio, Stack, Text } from '@mantine/core'
import type { ReactNode } from 'react'
import { IconArrowRight } from '../../../components/icons.ts'
import { ButtonLink, TextLink } from '../../../components/link.tsx'
import { Panel } from '../../../components/panel.tsx'
import { type RemedyView, toRemedyViews } from '../prepare/remedies.ts'
import { costText, describeConfiguration } from '../prepare/result.ts'
import { toWhyParts } from '../prepare/why.ts'
import classes from './rejected-list.module.css'

export interface NearestMissesProps {
  result: Optimization
  chosen: number | undefined
  onChoose: (index: number) => void
  /** Set for a re-optimisation: the form it leads back to is that of this endpoint. */
  endpoint: string | undefined
}

/** When nothing holds: what comes closest for each limit, and what would make it hold. */
export function NearestMisses({ result, chosen, onChoose, endpoint }: NearestMissesProps) {
  if (result.nearest_misses.length === 0) return null
  return (
    <Panel
      title="Nearest misses"
      note="What comes closest for each limit, what it misses, and what would make it hold: each way was tried."
    >
      <Stack gap={0}>
        {result.nearest_misses.map((miss, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a miss is its place in the result
          <div className={classes.row} key={index}>
            <Radio
              checked={index === chosen}
              onChange={() => onChoose(index)}
              name="miss"
              label={`${describeConfiguration(miss.deployment)}: ${costText(miss.prediction.cost_usd_per_hour)}`}
              classNames={{ label: classes.name }}
            />
            <Ways miss={miss} remedies={toRemedyViews(result, index)} from={{ from: result.id, endpoint }} />
          </div>
        ))}
      </Stack>
    </Panel>
  )
}

interface WaysProps {
  miss: Candidate
  remedies: readonly RemedyView[]
  from: { from: string; endpoint: string | undefined }
}

function Ways({ miss, remedies, from }: WaysProps) {
  const { said, remedy } = toWhyParts(miss.why)
  return (
    <div className={classes.under}>
      <Text fz="sm" c="dimmed">
        {said}
      </Text>
      {remedies.length === 0 && remedy ? <Way text={remedy} /> : null}
      {remedies.map(({ changes, address }) => (
        <Way key={changes.join()} text={`It would hold with ${changes.join(', ')}.`}>
          {address ? (
            <ButtonLink size="compact-sm" variant="light" to="/optimise" search={{ ...from, ...address }}>
              Use it in the form
            </ButtonLink>
          ) : (
            <TextLink to="/clusters" underline="always">
              Clusters
            </TextLink>
          )}
        </Way>
      ))}
    </div>
  )
}

function Way({ text, children }: { text: string; children?: ReactNode }) {
  return (
    <Group gap={6} wrap="nowrap" align="flex-start" mt={6}>
      <IconArrowRight size={14} aria-hidden style={{ flexShrink: 0, marginTop: 4 }} />
      <Group gap="xs" style={{ minWidth: 0 }}>
        <Text>{text}</Text>
        {children}
      </Group>
    </Group>
  )
}
