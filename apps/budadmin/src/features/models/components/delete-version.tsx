import type { ModelDetail, ModelVersion } from '@bud/contract'
import { Text } from '@mantine/core'
import { useNavigate } from '@tanstack/react-router'
import { DangerDialog } from '../../../components/danger-dialog.tsx'
import { plural } from '../../../prepare/format.ts'
import { useDeleteVersion } from '../api/use-delete-version.ts'
import { filesText } from '../prepare/versions.ts'

export interface DeleteVersionProps {
  model: ModelDetail
  version: ModelVersion | undefined
  onClose: () => void
}

export function DeleteVersion({ model, version, onClose }: DeleteVersionProps) {
  const remove = useDeleteVersion()
  const navigate = useNavigate()
  const close = () => {
    remove.reset()
    onClose()
  }
  const onConfirm = () => {
    if (!version) return
    const onSuccess = () => {
      close()
      // The page may show the very version that is gone.
      if (version.id === model.version_id)
        void navigate({ to: '/models/$modelId', params: { modelId: model.id }, search: { tab: 'versions' } })
    }
    remove.mutate({ id: model.id, version: version.number }, { onSuccess })
  }
  return (
    <DangerDialog
      opened={version !== undefined}
      onClose={close}
      title={`Delete version ${version?.number ?? ''} of ${model.name}?`}
      action="Delete version"
      pending={remove.isPending}
      error={remove.error}
      onConfirm={onConfirm}
    >
      <Text>
        {version ? filesText(version) : ''} and its scan report are removed for good. Archive it instead to keep them.
      </Text>
      <Text mt="xs">{version ? usersText(version) : ''}</Text>
    </DangerDialog>
  )
}

const usersText = ({ used_by }: ModelVersion): string =>
  used_by === 0
    ? 'No endpoint uses it.'
    : `${plural(used_by, 'endpoint')} ${used_by === 1 ? 'uses' : 'use'} it: the server refuses until they are gone.`
