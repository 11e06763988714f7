import type { Cluster } from '@bud/contract'
import { Group, Text } from '@mantine/core'
import { formatInteger } from '../../../prepare/format.ts'
import classes from './capacity-summary.module.css'

/** What is free, per GPU type: beside a cluster's choice. */
export function CapacitySummary({ cluster }: { cluster: Cluster }) {
  return (
    <div>
      {cluster.gpus.map((gpu) => (
        <Group key={gpu.gpu_type} justify="space-between" gap="xs" wrap="nowrap" className={classes.row}>
          <Text fz="sm" style={{ whiteSpace: 'nowrap' }}>
            {gpu.gpu_type}
          </Text>
          <Text fz="sm" c="dimmed" ta="right">
            {formatInteger(gpu.free)} of {formatInteger(gpu.total)} free, up to {gpu.largest_free_on_a_node} on a node
          </Text>
        </Group>
      ))}
    </div>
  )
}
