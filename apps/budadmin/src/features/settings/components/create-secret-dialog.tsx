import { Button, Group, Modal, NativeSelect, Stack, Text, TextInput } from '@mantine/core'
import { useState } from 'react'
import { CopyText } from '../../../components/copy-text.tsx'
import { ProblemAlert } from '../../../components/problem-alert.tsx'
import { type SecretKind, useCreateSecret } from '../api/use-secrets.ts'

export interface CreateSecretDialogProps {
  kind: SecretKind
  title: string
  opened: boolean
  onClose: () => void
}

export function CreateSecretDialog({ kind, title, opened, onClose }: CreateSecretDialogProps) {
  return (
    <Modal opened={opened} onClose={onClose} title={title} closeOnClickOutside={false}>
      <CreateSecret kind={kind} onClose={onClose} />
    </Modal>
  )
}

function CreateSecret({ kind, onClose }: Pick<CreateSecretDialogProps, 'kind' | 'onClose'>) {
  const create = useCreateSecret(kind)
  if (create.data) return <Shown secret={create.data.secret} onClose={onClose} />
  return <SecretForm kind={kind} create={create} onClose={onClose} />
}

/** Once, and never again. */
function Shown({ secret, onClose }: { secret: string; onClose: () => void }) {
  return (
    <Stack gap="md">
      <Text>Copy it now: it is shown this once and never again.</Text>
      <CopyText value={secret} label="Copy secret" />
      <Group justify="flex-end">
        <Button onClick={onClose}>Done</Button>
      </Group>
    </Stack>
  )
}

interface SecretFormProps {
  kind: SecretKind
  create: ReturnType<typeof useCreateSecret>
  onClose: () => void
}

function SecretForm({ kind, create, onClose }: SecretFormProps) {
  const [name, setName] = useState('')
  const [days, setDays] = useState('90')
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        if (name.trim()) create.mutate({ name: name.trim(), expiresInDays: Number(days) || undefined })
      }}
    >
      <Stack gap="md">
        <TextInput
          label="Name"
          description="What will use it"
          maxLength={64}
          required
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
          data-autofocus
        />
        {kind === 'token' ? (
          <NativeSelect
            label="Expires"
            data={[
              { value: '30', label: 'in 30 days' },
              { value: '90', label: 'in 90 days' },
              { value: '365', label: 'in a year' },
              { value: '0', label: 'never' },
            ]}
            value={days}
            onChange={(event) => setDays(event.currentTarget.value)}
          />
        ) : null}
        {create.error ? <ProblemAlert error={create.error} /> : null}
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" disabled={name.trim() === ''} loading={create.isPending}>
            Create
          </Button>
        </Group>
      </Stack>
    </form>
  )
}
