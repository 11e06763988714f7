import { Button, Code, Text } from '@mantine/core'
import { StatusIcon } from '../../../components/status.tsx'
import type { Tone } from '../../../prepare/states.ts'
import { canBeWaived, type Finding, findingSource, withoutPath } from '../prepare/scan.ts'
import classes from './scan-report.module.css'

export interface FindingRowProps {
  finding: Finding
  tone: Tone
  onWaive: (finding: Finding) => void
}

export function FindingRow({ finding, tone, onWaive }: FindingRowProps) {
  return (
    <li className={classes.finding}>
      <div className={classes.what}>
        <span className={classes.icon}>
          <StatusIcon tone={tone} />
        </span>
        <div style={{ minWidth: 0, flex: 1 }}>
          <Text>
            <Code mr={6}>{finding.path}</Code>
            {withoutPath(finding)}
          </Text>
          {finding.evidence ? <pre className={classes.evidence}>{finding.evidence}</pre> : null}
          <Text fz="sm" c="dimmed">
            {findingSource(finding)}
          </Text>
        </div>
      </div>
      {canBeWaived(finding) ? (
        <Button
          size="compact-sm"
          variant="default"
          onClick={() => onWaive(finding)}
          aria-label={`Waive ${finding.rule} in ${finding.path}`}
        >
          Waive …
        </Button>
      ) : null}
    </li>
  )
}
