import type { Endpoint } from '@bud/contract'
import { Button, Text, Tooltip } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { DangerDialog } from '../../../components/danger-dialog.tsx'
import { IconDelete, IconOptimise, IconScale } from '../../../components/icons.ts'
import { ButtonLink } from '../../../components/link.tsx'
import { plural } from '../../../prepare/format.ts'
import { useDeleteEndpoint } from '../api/use-delete-endpoint.ts'
import { gpusText, isBusy, whyNotDeletable } from '../prepare/summary.ts'
import { ScaleDialog } from './scale-dialog.tsx'

export function EndpointActions({ endpoint }: { endpoint: Endpoint }) {
  const [scaling, scale] = useDisclosure(false)
  const [deleting, remove] = useDisclosure(false)
  const busy = isBusy(endpoint)
  return (
    <>
      <DeleteButton whyNot={whyNotDeletable(endpoint)} onClick={remove.open} />
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

/** Stays in reach of pointer and keyboard while it does nothing, so that the reason can be had. */
function DeleteButton({ whyNot, onClick }: { whyNot: string | undefined; onClick: () => void }) {
  return (
    <Tooltip label={whyNot} disabled={!whyNot} withinPortal={false} events={{ hover: true, focus: true, touch: true }}>
      <Button
        variant="default"
        leftSection={<IconDelete size={16} />}
        onClick={whyNot ? undefined : onClick}
        data-disabled={whyNot ? true : undefined}
        aria-disabled={whyNot ? true : undefined}
      >
        Delete endpoint
      </Button>
    </Tooltip>
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
        It stops {plural(endpoint.deployment.replicas, 'replica')} and frees {gpusText(endpoint)}. Its metrics are kept
        for 30 days and its alerts for 90; its revisions and who approved them stay on record. The model stays.
      </Text>
    </DangerDialog>
  )
}
