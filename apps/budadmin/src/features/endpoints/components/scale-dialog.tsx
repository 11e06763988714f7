import type { Endpoint } from '@bud/contract'
import { Button, Group, Modal, NumberInput, Stack, Text } from '@mantine/core'
import { useState } from 'react'
import { ProblemAlert } from '../../../components/problem-alert.tsx'
import { plural } from '../../../prepare/format.ts'
import { useScale } from '../api/use-scale.ts'

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
  const { gpu_count, gpu_type } = endpoint.deployment.resources
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
          description={`Now ${now}. Each takes ${plural(gpu_count, 'GPU')} of type ${gpu_type}.`}
          min={1}
          max={1000}
          allowDecimal={false}
          value={replicas ?? ''}
          onChange={(value) => setReplicas(typeof value === 'number' ? value : undefined)}
          data-autofocus
        />
        <Text c="dimmed">{effect(now, replicas, gpu_count)}</Text>
        {scale.error ? <ProblemAlert error={scale.error} /> : null}
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

function effect(now: number, replicas: number | undefined, gpus: number): string {
  if (!replicas || replicas === now) return 'Nothing changes.'
  const gap = Math.abs(replicas - now)
  return replicas > now
    ? `${plural(gap, 'replica')} more, ${plural(gap * gpus, 'GPU')}. Traffic reaches each once it is ready.`
    : `${plural(gap, 'replica')} fewer, ${plural(gap * gpus, 'GPU')} come free. Requests under way finish first.`
}
