import type { ModelSummary } from '@bud/contract'
import { Group, Text, Tooltip } from '@mantine/core'
import { StatusIcon } from '../../../components/status.tsx'
import { licenceClassText } from '../prepare/facet-labels.ts'
import { licenceName } from '../prepare/listing.ts'

/** A licence by its name, and what kind of licence that is. */
export function LicenceMark({ licence }: Pick<ModelSummary, 'licence'>) {
  const { word, tone, meaning } = licenceClassText(licence?.class ?? 'unknown')
  return (
    <>
      {licence ? <div style={{ overflowWrap: 'anywhere' }}>{licenceName(licence)}</div> : null}
      <Tooltip label={meaning}>
        <Group gap={4} wrap="nowrap" w="fit-content">
          <StatusIcon tone={tone} size={13} />
          <Text component="span" fz="sm" c={`var(--bud-${tone})`}>
            {word}
          </Text>
        </Group>
      </Tooltip>
    </>
  )
}
