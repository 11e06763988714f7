/** Prediction against limit, row by row: the prediction outlined and dashed, the limit a solid mark. */
import type { Prediction, Targets, Workload } from '@bud/kernel'
import { Text } from '@mantine/core'
import { StatusIcon } from '../../../components/status.tsx'
import { compareTargets, type TargetRow } from '../prepare/targets.ts'
import { TargetBar } from './target-bar.tsx'
import classes from './target-table.module.css'

export interface TargetTableProps {
  prediction: Prediction
  targets: Targets
  workload: Workload
  /** The search found every limit held at the certainty asked for. */
  held: boolean
}

export function TargetTable({ prediction, targets, workload, held }: TargetTableProps) {
  return (
    <table className={classes.table}>
      <thead className="visually-hidden">
        <tr>
          <th scope="col">Figure</th>
          <th scope="col">Predicted</th>
          <th scope="col">Limit</th>
        </tr>
      </thead>
      <tbody>
        {compareTargets(prediction, targets, workload, held).map((row) => (
          <TargetLine key={row.key} row={row} />
        ))}
      </tbody>
    </table>
  )
}

function TargetLine({ row }: { row: TargetRow }) {
  return (
    <tr>
      <th scope="row">
        <Text component="span">{row.label}</Text>
        {row.bar ? <TargetBar bar={row.bar} tone={row.verdict?.tone ?? 'idle'} /> : null}
        {row.interval ? (
          <Text fz="xs" c="dimmed">
            80 % within {row.interval}
          </Text>
        ) : null}
      </th>
      <td>
        <Text component="span" fw={600}>
          {row.predicted}
        </Text>
      </td>
      <td>
        {row.limit ? (
          <>
            <Text component="span">{row.limit}</Text>
            {row.verdict ? (
              <span className={classes.verdict} style={{ color: `var(--bud-${row.verdict.tone})` }}>
                <StatusIcon tone={row.verdict.tone} size={14} /> {row.verdict.word}
              </span>
            ) : null}
          </>
        ) : (
          <Text component="span" c="dimmed">
            no limit
          </Text>
        )}
      </td>
    </tr>
  )
}
