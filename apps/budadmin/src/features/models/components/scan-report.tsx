/** What the scan looked at, what it found, and what the policy made of it. */
import type { ModelDetail } from '@bud/contract'
import { Button, Progress, Stack, Text } from '@mantine/core'
import { useState } from 'react'
import { Ago } from '../../../components/ago.tsx'
import { CopyIcon } from '../../../components/copy-text.tsx'
import { EmptyState } from '../../../components/empty-state.tsx'
import { Facts } from '../../../components/facts.tsx'
import { TextLink } from '../../../components/link.tsx'
import { Panel } from '../../../components/panel.tsx'
import { Status } from '../../../components/status.tsx'
import { formatInteger, plural } from '../../../prepare/format.ts'
import { formatElapsed } from '../../../prepare/time.ts'
import {
  coverageText,
  coveredPercent,
  type Finding,
  type FindingGroup,
  groupFindings,
  type Report,
  toVerdict,
} from '../prepare/scan.ts'
import { FindingRow } from './finding-row.tsx'
import classes from './scan-report.module.css'
import { WaiveDialog } from './waive-dialog.tsx'

export function ScanReport({ model }: { model: ModelDetail }) {
  const [waiving, setWaiving] = useState<Finding>()
  const { scan } = model
  if (!scan) {
    const { word, detail } = toVerdict(null, model.has_files)
    return (
      <Panel>
        <EmptyState title={word}>{detail}</EmptyState>
      </Panel>
    )
  }
  return (
    <Stack gap="md">
      <Summary scan={scan} rescanning={model.rescanning} />
      {groupFindings(scan.findings).map((group) => (
        <Findings key={group.action} group={group} onWaive={setWaiving} />
      ))}
      <WaiveDialog model={model} finding={waiving} onClose={() => setWaiving(undefined)} />
    </Stack>
  )
}

function Summary({ scan, rescanning }: { scan: Report; rescanning: boolean }) {
  const { tone, word } = toVerdict(scan, true)
  return (
    <Panel title="Security scan" note={rescanning ? 'A new scan is under way; this is the last one.' : undefined}>
      <Stack gap="md">
        <div>
          <Status tone={tone} word={word} size="lg" />
          <Text c="dimmed" mt={2}>
            {scan.findings.length === 0 ? 'Nothing was found. ' : ''}
            {coverageText(scan)}.
          </Text>
          <Progress
            value={coveredPercent(scan)}
            color={coveredPercent(scan) < 100 ? 'orange' : 'teal'}
            size="sm"
            mt={6}
            aria-label="Bytes looked at by every scanner"
          />
        </div>
        <Facts facts={summaryFacts(scan)} />
      </Stack>
    </Panel>
  )
}

const summaryFacts = (scan: Report) => [
  { label: 'Ended', value: <Ago at={scan.ended_at} /> },
  { label: 'Took', value: formatElapsed(scan.started_at, scan.ended_at, 0) },
  { label: 'Scanners', wide: true, value: scan.scanners.map((one) => `${one.name} ${one.version}`).join(', ') },
  {
    label: 'Judged by policy',
    value: (
      <span style={{ whiteSpace: 'nowrap' }}>
        <TextLink to="/settings/model-policy" ff="monospace">
          {scan.policy.replace(/^sha256:/, '').slice(0, 12)}
        </TextLink>
        <CopyIcon value={scan.policy} label="Copy digest of the policy" />
      </span>
    ),
  },
]

const SHOWN = 20

function Findings({ group, onWaive }: { group: FindingGroup; onWaive: (finding: Finding) => void }) {
  const [all, setAll] = useState(false)
  const shown = all ? group.findings : group.findings.slice(0, SHOWN)
  return (
    <Panel title={`${group.title} (${formatInteger(group.findings.length)})`}>
      <ul className={classes.findings}>
        {shown.map((finding, index) => (
          <FindingRow
            // biome-ignore lint/suspicious/noArrayIndexKey: a finding has no other identity than its place
            key={index}
            finding={finding}
            tone={group.tone}
            onWaive={onWaive}
          />
        ))}
      </ul>
      {shown.length < group.findings.length ? (
        <Button size="compact-sm" variant="subtle" mt="xs" onClick={() => setAll(true)}>
          Show all {plural(group.findings.length, 'finding')}
        </Button>
      ) : null}
    </Panel>
  )
}
