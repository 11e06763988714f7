import type { Endpoint } from '@bud/contract'
import { Button, Text } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { DangerDialog } from '../../../components/danger-dialog.tsx'
import { IconDelete, IconOptimise, IconScale } from '../../../components/icons.ts'
import { ButtonLink } from '../../../components/link.tsx'
import { plural } from '../../../prepare/format.ts'
import { useDeleteEndpoint } from '../api/use-delete-endpoint.ts'
import { gpusText, isBusy } from '../prepare/summary.ts'
import { ScaleDialog } from './scale-dialog.tsx'

export function EndpointActions({ endpoint }: { endpoint: Endpoint }) {
  const [scaling, scale] = useDisclosure(false)
  const [deleting, remove] = useDisclosure(false)
  const busy = isBusy(endpoint)
  return (
    <>
      <Button
        variant="default"
        leftSection={<IconDelete size={16} />}
        onClick={remove.open}
        disabled={endpoint.state.name === 'deleting'}
      >
        Delete endpoint
      </Button>
      <ButtonLink
        variant="default"
        to="/optimise"
        search={{ endpoint: endpoint.id }}
        leftSection={<IconOptimise size={16} />}
        disabled={busy}
      >
        Re-optimise
      </ButtonLink>
      <Button leftSection={<IconScale size={16} />} onClick={scale.open} disabled={busy}>
        Scale
      </Button>
      <ScaleDialog endpoint={endpoint} opened={scaling} onClose={scale.close} />
      <DeleteEndpoint endpoint={endpoint} opened={deleting} onClose={remove.close} />
    </>
  )
}

function DeleteEndpoint({ endpoint, opened, onClose }: { endpoint: Endpoint; opened: boolean; onClose: () => void }) {
  const remove = useDeleteEndpoint()
  return (
    <DangerDialog
      opened={opened}
      onClose={onClose}
      title={`Delete ${endpoint.name}?`}
      action="Delete endpoint"
      confirmWith={endpoint.name}
      pending={remove.isPending}
      error={remove.error}
      onConfirm={() => remove.mutate({ id: endpoint.id }, { onSuccess: onClose })}
    >
      <Text>
        Clients that ask for the model “{endpoint.name}” get errors from then on. Traffic is taken away first, requests
        under way may finish.
      </Text>
      <Text mt="xs">
        {plural(endpoint.deployment.replicas, 'replica')} on {gpusText(endpoint)} are stopped; its metrics, alerts and
        revisions are removed. The model stays.
      </Text>
    </DangerDialog>
  )
}
