import { Button, Checkbox, Group, Modal, PasswordInput, SegmentedControl, Stack, TextInput } from '@mantine/core'
import { useState } from 'react'
import { ProblemAlert } from '../../../components/problem-alert.tsx'
import { useCreateConnection } from '../api/use-create-connection.ts'
import {
  type ConnectionForm,
  type ConnectionProblems,
  emptyConnection,
  parseConnection,
} from '../prepare/new-connection.ts'

export function AddConnectionDialog({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  return (
    <Modal opened={opened} onClose={onClose} title="Add a connection" size="lg" closeOnClickOutside={false}>
      <AddConnection onClose={onClose} />
    </Modal>
  )
}

interface FieldsProps {
  form: ConnectionForm
  problems: ConnectionProblems
  onChange: (part: Partial<ConnectionForm>) => void
}

function AddConnection({ onClose }: { onClose: () => void }) {
  const [form, setForm] = useState(emptyConnection)
  const [problems, setProblems] = useState<ConnectionProblems>({})
  const create = useCreateConnection()
  const onChange = (part: Partial<ConnectionForm>) => setForm((before) => ({ ...before, ...part }))
  const submit = () => {
    const parsed = parseConnection(form)
    setProblems(parsed.ok ? {} : parsed.problems)
    if (parsed.ok) create.mutate(parsed.connection, { onSuccess: onClose })
  }
  return (
    <form
      noValidate
      onSubmit={(event) => {
        event.preventDefault()
        submit()
      }}
    >
      <Stack gap="md">
        <SegmentedControl
          aria-label="Kind"
          data={[
            { value: 's3', label: 'S3 bucket' },
            { value: 'huggingface', label: 'Hugging Face or mirror' },
          ]}
          value={form.kind}
          onChange={(kind) => onChange({ kind: kind === 's3' ? 's3' : 'huggingface' })}
        />
        <TextInput
          label="Name"
          required
          placeholder={form.kind === 's3' ? 'team-bucket' : 'mirror'}
          value={form.name}
          error={problems.name}
          onChange={(event) => onChange({ name: event.currentTarget.value })}
        />
        {form.kind === 's3' ? (
          <BucketFields form={form} problems={problems} onChange={onChange} />
        ) : (
          <HubFields form={form} problems={problems} onChange={onChange} />
        )}
        {create.error ? <ProblemAlert error={create.error} /> : null}
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" loading={create.isPending}>
            Try and add
          </Button>
        </Group>
      </Stack>
    </form>
  )
}

function BucketFields({ form, problems, onChange }: FieldsProps) {
  return (
    <>
      <Group grow align="flex-start">
        <TextInput
          label="Bucket"
          required
          value={form.bucket}
          error={problems.bucket}
          onChange={(event) => onChange({ bucket: event.currentTarget.value })}
        />
        <TextInput
          label="Region"
          placeholder="us-east-1"
          value={form.region}
          error={problems.region}
          onChange={(event) => onChange({ region: event.currentTarget.value })}
        />
      </Group>
      <TextInput
        label="Endpoint"
        description="For MinIO and others; left empty: AWS"
        placeholder="https://minio.internal:9000"
        value={form.endpoint}
        error={problems.endpoint}
        onChange={(event) => onChange({ endpoint: event.currentTarget.value })}
      />
      <Checkbox
        label="Bucket in the path"
        description="As MinIO wants it; otherwise the bucket stands in the host name"
        checked={form.pathStyle}
        onChange={(event) => onChange({ pathStyle: event.currentTarget.checked })}
      />
      <Group grow align="flex-start">
        <TextInput
          label="Access key id"
          required
          autoComplete="off"
          value={form.accessKeyId}
          error={problems.accessKeyId}
          onChange={(event) => onChange({ accessKeyId: event.currentTarget.value })}
        />
        <PasswordInput
          label="Secret access key"
          required
          autoComplete="off"
          value={form.secretAccessKey}
          error={problems.secretAccessKey}
          onChange={(event) => onChange({ secretAccessKey: event.currentTarget.value })}
        />
      </Group>
      <PasswordInput
        label="Session token"
        description="Only for temporary keys"
        autoComplete="off"
        value={form.sessionToken}
        error={problems.sessionToken}
        onChange={(event) => onChange({ sessionToken: event.currentTarget.value })}
      />
    </>
  )
}

function HubFields({ form, problems, onChange }: FieldsProps) {
  return (
    <>
      <TextInput
        label="Address"
        description="A mirror’s, for places without the internet; left empty: huggingface.co"
        placeholder="https://hub.internal"
        value={form.endpoint}
        error={problems.endpoint}
        onChange={(event) => onChange({ endpoint: event.currentTarget.value })}
      />
      <PasswordInput
        label="Token"
        description="For gated and private models"
        autoComplete="off"
        value={form.token}
        error={problems.token}
        onChange={(event) => onChange({ token: event.currentTarget.value })}
      />
    </>
  )
}
