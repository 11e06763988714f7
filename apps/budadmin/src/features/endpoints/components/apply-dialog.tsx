import type { EndpointDetail } from '@bud/contract'
import { Button, Group, Modal, Stack, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useMemo, useState } from 'react'
import { ProblemAlert } from '../../../components/problem-alert.tsx'
import { clustersQuery } from '../../clusters/api/clusters.ts'
import { useValidation } from '../../deployment/api/use-validation.ts'
import { ChangesList } from '../../deployment/components/changes-list.tsx'
import { DeploymentEditor } from '../../deployment/components/deployment-editor.tsx'
import { ValidationView } from '../../deployment/components/validation-view.tsx'
import { parseDeployment, toYaml } from '../../deployment/prepare/document.ts'
import { useUpdateEndpoint } from '../api/use-update-endpoint.ts'
import { ROLLING_UPDATE } from '../prepare/summary.ts'

export interface ApplyDialogProps {
  endpoint: EndpointDetail
  opened: boolean
  onClose: () => void
}

/** A configuration of one's own as a rolling update. */
export function ApplyDialog({ endpoint, opened, onClose }: ApplyDialogProps) {
  return (
    <Modal opened={opened} onClose={onClose} title={`Change the configuration of ${endpoint.name}`} size="xl">
      <ApplyForm endpoint={endpoint} onClose={onClose} />
    </Modal>
  )
}

function ApplyForm({ endpoint, onClose }: Omit<ApplyDialogProps, 'opened'>) {
  const before = useMemo(() => toYaml(endpoint.deployment), [endpoint.deployment])
  const [text, setText] = useState(before)
  const parsed = useMemo(() => parseDeployment(text), [text])
  const validation = useValidation(
    parsed.ok
      ? {
          model: endpoint.model.id,
          cluster: endpoint.cluster.id,
          endpoint: endpoint.id,
          deployment: parsed.deployment,
          ...(endpoint.workload ? { workload: endpoint.workload } : {}),
        }
      : undefined,
  )
  const cluster = useQuery(clustersQuery()).data?.find((one) => one.id === endpoint.cluster.id)
  const update = useUpdateEndpoint()
  const ready = parsed.ok && text !== before && validation.settled && validation.data?.ok === true
  const submit = () => {
    if (parsed.ok) update.mutate({ id: endpoint.id, deployment: parsed.deployment }, { onSuccess: onClose })
  }
  return (
    <Stack gap="md">
      <DeploymentEditor
        text={text}
        onChange={setText}
        gpuTypes={cluster?.gpus.map((gpu) => gpu.gpu_type) ?? []}
        startWith="form"
      />
      {parsed.ok && text !== before ? <ChangesList before={endpoint.deployment} after={parsed.deployment} /> : null}
      <ValidationView documentReasons={parsed.ok ? [] : parsed.reasons} validation={validation} />
      {update.error ? <ProblemAlert error={update.error} /> : null}
      <Group justify="space-between">
        <Text c="dimmed" flex={1}>
          {ROLLING_UPDATE}
        </Text>
        <Group>
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button disabled={!ready} loading={update.isPending} onClick={submit}>
            Apply
          </Button>
        </Group>
      </Group>
    </Stack>
  )
}
