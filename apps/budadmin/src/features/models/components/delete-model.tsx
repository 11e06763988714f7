import type { ModelDetail } from '@bud/contract'
import { Text } from '@mantine/core'
import { useNavigate } from '@tanstack/react-router'
import { DangerDialog } from '../../../components/danger-dialog.tsx'
import { plural } from '../../../prepare/format.ts'
import { useDeleteModel } from '../api/use-delete-model.ts'
import { lossText } from '../prepare/versions.ts'

export function DeleteModel({ model, opened, onClose }: { model: ModelDetail; opened: boolean; onClose: () => void }) {
  const remove = useDeleteModel()
  const navigate = useNavigate()
  return (
    <DangerDialog
      opened={opened}
      onClose={onClose}
      title={`Delete ${model.name}?`}
      action="Delete model"
      {...(model.versions.length > 1 ? { confirmWith: model.name } : {})}
      pending={remove.isPending}
      error={remove.error}
      onConfirm={() => remove.mutate({ id: model.id }, { onSuccess: () => void navigate({ to: '/models' }) })}
    >
      <Text>{lossText(model)}</Text>
      <Text mt="xs">
        {model.used_by.length === 0
          ? 'No endpoint uses it.'
          : `Used by ${model.used_by.map((one) => one.endpoint_name).join(', ')}: the server refuses until they are gone.`}
      </Text>
      {model.derived.length > 0 ? (
        <Text mt="xs">
          {plural(model.derived.length, 'registered model names', 'registered models name')} it as the base; they stay.
        </Text>
      ) : null}
    </DangerDialog>
  )
}
