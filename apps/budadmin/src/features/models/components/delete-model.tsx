import type { ModelDetail } from '@bud/contract'
import { Text } from '@mantine/core'
import { useNavigate } from '@tanstack/react-router'
import { DangerDialog } from '../../../components/danger-dialog.tsx'
import { formatBytes, plural } from '../../../prepare/format.ts'
import { useDeleteModel } from '../api/use-delete-model.ts'

export function DeleteModel({ model, opened, onClose }: { model: ModelDetail; opened: boolean; onClose: () => void }) {
  const remove = useDeleteModel()
  const navigate = useNavigate()
  const bytes = model.files.reduce((sum, file) => sum + file.bytes, 0)
  return (
    <DangerDialog
      opened={opened}
      onClose={onClose}
      title={`Delete ${model.name}?`}
      action="Delete model"
      pending={remove.isPending}
      error={remove.error}
      onConfirm={() => remove.mutate({ id: model.id }, { onSuccess: () => void navigate({ to: '/models' }) })}
    >
      <Text>
        {plural(model.files.length, 'file')} ({formatBytes(bytes)}) and the scan report are removed for good.
      </Text>
      <Text mt="xs">
        {model.used_by.length === 0
          ? 'No endpoint uses it.'
          : `Used by ${model.used_by.map((one) => one.endpoint_name).join(', ')}: the server refuses until they are gone.`}
      </Text>
    </DangerDialog>
  )
}
