/** Means, percentiles and rates of a prediction: there when asked for. */
import type { Prediction } from '@bud/kernel'
import { Button, Stack, Text } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { WideContent } from '../../../components/wide-content.tsx'
import { type PercentileCell, toPercentileRows, toRateRows } from '../prepare/percentiles.ts'
import classes from './percentiles.module.css'

export function Percentiles({ prediction }: { prediction: Prediction }) {
  const [opened, { toggle }] = useDisclosure(false)
  const rows = toPercentileRows(prediction)
  if (!rows) return null
  return (
    <div>
      <Button variant="subtle" size="compact-sm" ml={-8} onClick={toggle} aria-expanded={opened}>
        {opened ? 'Hide' : 'Show'} means, percentiles and rates
      </Button>
      {opened ? (
        <Stack gap="sm" mt="xs">
          <WideContent className={classes.box}>
            <table className={classes.table}>
              <thead>
                <tr>
                  <th scope="col">
                    <span className="visually-hidden">Figure</span>
                  </th>
                  <th scope="col">mean</th>
                  <th scope="col">p50</th>
                  <th scope="col">p95</th>
                  <th scope="col">p99</th>
                </tr>
              </thead>
              <tbody>
                {rows.map((row) => (
                  <tr key={row.label}>
                    <th scope="row">{row.label}</th>
                    <Cell cell={row.mean} />
                    <Cell cell={row.p50} />
                    <Cell cell={row.p95} />
                    <Cell cell={row.p99} />
                  </tr>
                ))}
              </tbody>
            </table>
          </WideContent>
          <Rates prediction={prediction} />
          <Text fz="xs" c="dimmed">
            Below each figure its 80 % interval.
          </Text>
        </Stack>
      ) : null}
    </div>
  )
}

function Rates({ prediction }: { prediction: Prediction }) {
  return (
    <WideContent className={classes.box}>
      <table className={classes.table}>
        <thead>
          <tr>
            <th scope="col">
              <span className="visually-hidden">Figure</span>
            </th>
            <th scope="col">whole endpoint</th>
            <th scope="col">one replica</th>
          </tr>
        </thead>
        <tbody>
          {toRateRows(prediction).map((row) => (
            <tr key={row.label}>
              <th scope="row">{row.label}</th>
              <Cell cell={row.deployment} />
              <Cell cell={row.perReplica} />
            </tr>
          ))}
        </tbody>
      </table>
    </WideContent>
  )
}

function Cell({ cell }: { cell: PercentileCell | undefined }) {
  return (
    <td>
      {cell ? cell.value : '—'}
      {cell?.interval ? <span className={classes.interval}>{cell.interval}</span> : null}
    </td>
  )
}
