import { Progress, Text } from '@mantine/core'
import { formatBytes } from '../../../prepare/format.ts'
import type { UploadProgress } from '../api/use-register-model.ts'
import type { UploadPlan } from '../prepare/upload.ts'

export function UploadBar({ progress, plan }: { progress: UploadProgress; plan: UploadPlan }) {
  return (
    <div>
      <Progress value={(100 * progress.sentBytes) / Math.max(1, plan.bytes)} aria-label="Upload" />
      <Text fz="sm" c="dimmed" mt={4}>
        {formatBytes(progress.sentBytes)} of {formatBytes(plan.bytes)} · {progress.path}
      </Text>
    </div>
  )
}
