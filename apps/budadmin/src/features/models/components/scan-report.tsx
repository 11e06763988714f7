import type { ModelDetail } from '@bud/contract'
import { Stack, Text } from '@mantine/core'
import { Ago } from '../../../components/ago.tsx'
import { Panel } from '../../../components/panel.tsx'
import { ReasonList } from '../../../components/reason-list.tsx'
import { Status } from '../../../components/status.tsx'
import { groupFindings, toVerdict } from '../prepare/scan.ts'

export function ScanReport({ model }: { model: ModelDetail }) {
  const { scan } = model
  const verdict = toVerdict(scan, model.has_files)
  return (
    <Panel title="Security scan">
      <Stack gap="sm">
        <div>
          <Status tone={verdict.tone} word={verdict.word} />
          <Text c="dimmed" fz="sm">
            {verdict.detail}
            {scan ? (
              <>
                {' '}
                <Ago at={scan.ended_at} /> by {scan.scanners.map((one) => `${one.name} ${one.version}`).join(', ')}
              </>
            ) : null}
          </Text>
        </div>
        {scan ? groupFindings(scan).map((group) => <ReasonList key={group.tone} {...group} />) : null}
      </Stack>
    </Panel>
  )
}
