/** One GPU's memory: weights, activations, overhead, KV cache, headroom. Outlined, for it is a prediction. */

import type { MemoryFit } from '@bud/kernel'
import { Text } from '@mantine/core'
import { formatBytes, formatShare } from '../prepare/format.ts'
import { toMemoryView } from '../prepare/memory.ts'
import classes from './memory-bar.module.css'

export function MemoryBar({ fit }: { fit: MemoryFit }) {
  const view = toMemoryView(fit)
  return (
    <div>
      <div className={classes.bar} aria-hidden>
        {view.segments.map((segment) => (
          <span
            key={segment.key}
            className={classes.segment}
            data-key={segment.key}
            style={{ width: `${100 * segment.share}%` }}
          />
        ))}
        {view.capacityShare < 1 ? (
          <span className={classes.end} style={{ left: `${100 * view.capacityShare}%` }} />
        ) : null}
      </div>
      <ul className={classes.legend} aria-label={`Memory of one GPU, ${formatBytes(fit.gpu_memory_bytes)}`}>
        {view.segments.map((segment) => (
          <li key={segment.key}>
            <span className={classes.key} data-key={segment.key} aria-hidden />
            {segment.label} <span className={classes.dim}>{formatBytes(segment.bytes)}</span>
            <span className={classes.dim}>{formatShare(segment.bytes / fit.gpu_memory_bytes)}</span>
          </li>
        ))}
      </ul>
      <Text fz="sm" c="dimmed" mt={6}>
        {view.summary}
      </Text>
    </div>
  )
}
