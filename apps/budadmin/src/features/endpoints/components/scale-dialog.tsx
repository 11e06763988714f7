import type { Endpoint } from '@bud/contract'
import { Button, Group, Modal, NumberInput, Stack, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { ProblemAlert } from '../../../components/problem-alert.tsx'
import { StatusIcon } from '../../../components/status.tsx'
import { plural } from '../../../prepare/format.ts'
import { clustersQuery } from '../../clusters/api/clusters.ts'
import { useScale } from '../api/use-scale.ts'
import { type ScaleView, toScaleView } from '../prepare/scale.ts'

export interface ScaleDialogProps {
  endpoint: Endpoint
  opened: boolean
  onClose: () => void
}

export function ScaleDialog({ endpoint, opened, onClose }: ScaleDialogProps) {
  return (
    <Modal opened={opened} onClose={onClose} title={`Scale ${endpoint.name}`}>
      <ScaleForm endpoint={endpoint} onClose={onClose} />
    </Modal>
  )
}

function ScaleForm({ endpoint, onClose }: Pick<ScaleDialogProps, 'endpoint' | 'onClose'>) {
  const now = endpoint.deployment.replicas
  const [replicas, setReplicas] = useState<number | undefined>(now)
  const scale = useScale()
  const cluster = useQuery(clustersQuery()).data?.find((one) => one.id === endpoint.cluster.id)
  const { gpu_count, gpu_type } = endpoint.deployment.resources
  const view = toScaleView(endpoint, cluster, replicas)
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        if (replicas && replicas !== now) scale.mutate({ id: endpoint.id, replicas }, { onSuccess: onClose })
      }}
    >
      <Stack gap="md">
        <NumberInput
          label="Replicas"
          description={[`Now ${now}. Each takes ${plural(gpu_count, 'GPU')} of type ${gpu_type}.`, view.room].join(' ')}
          min={1}
          max={1000}
          allowDecimal={false}
          value={replicas ?? ''}
          onChange={(value) => {
            setReplicas(typeof value === 'number' ? value : undefined)
            scale.reset()
          }}
          data-autofocus
        />
        {scale.error ? <ProblemAlert error={scale.error} /> : <Effect view={view} />}
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" disabled={!replicas || replicas === now} loading={scale.isPending}>
            Scale
          </Button>
        </Group>
      </Stack>
    </form>
  )
}

function Effect({ view }: { view: ScaleView }) {
  return (
    <Group gap="xs" wrap="nowrap" align="flex-start" role="status">
      {view.tooMany ? (
        <span style={{ paddingTop: 2 }}>
          <StatusIcon tone="warn" />
        </span>
      ) : null}
      <Text c={view.tooMany ? undefined : 'dimmed'}>{view.effect}</Text>
    </Group>
  )
}
