import type { ModelSummary } from '@bud/contract'
import { Group, Text, Tooltip } from '@mantine/core'
import { StatusIcon } from '../../../components/status.tsx'
import { licenceClassText } from '../prepare/facet-labels.ts'

export interface LicenceMarkProps extends Pick<ModelSummary, 'licence'> {
  /** By its id where there is little room. */
  short?: boolean
}

/** A licence by its name, and what kind of licence that is. */
export function LicenceMark({ licence, short = false }: LicenceMarkProps) {
  const { word, tone, meaning } = licenceClassText(licence?.class ?? 'unknown')
  return (
    <>
      {licence ? <div style={{ overflowWrap: 'anywhere' }}>{short ? licence.id : licence.name}</div> : null}
      <Tooltip label={short && licence ? `${licence.name}. ${meaning}` : meaning}>
        <Group gap={4} wrap="nowrap" w="fit-content">
          <StatusIcon tone={tone} size={13} />
          <Text component="span" fz="sm" c={`var(--bud-${tone})`} style={{ whiteSpace: 'nowrap' }}>
            {word}
          </Text>
        </Group>
      </Tooltip>
    </>
  )
}
