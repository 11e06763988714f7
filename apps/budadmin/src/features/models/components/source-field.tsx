import { Button, FileButton, Group, Input, SegmentedControl, Stack, Text, TextInput } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { IconUpload } from '../../../components/icons.ts'
import { TextLink } from '../../../components/link.tsx'
import { formatBytes, plural } from '../../../prepare/format.ts'
import { connectionsQuery } from '../../connections/api/connections.ts'
import { type FieldProblems, type RegistrationForm, type SourceKind, sourceKinds } from '../prepare/registration.ts'
import { planUpload, type UploadPlan } from '../prepare/upload.ts'

export interface SourceFieldProps {
  form: RegistrationForm
  problems: FieldProblems
  onChange: (part: Partial<RegistrationForm>) => void
  /** While files are on their way, their source stays. */
  disabled: boolean
}

const names: Record<SourceKind, string> = { upload: 'Upload', hub: 'Hugging Face', s3: 'S3', folder: 'Server folder' }

/** Where the files come from. */
export function SourceField(props: SourceFieldProps) {
  const { form, onChange, disabled } = props
  return (
    <Stack gap="xs">
      <SegmentedControl
        aria-label="Source"
        fullWidth
        disabled={disabled}
        data={sourceKinds.map((kind) => ({ value: kind, label: names[kind] }))}
        value={form.from}
        onChange={(value) => onChange({ from: sourceKinds.find((kind) => kind === value) ?? 'upload' })}
      />
      <Chosen {...props} />
    </Stack>
  )
}

function Chosen({ form, problems, onChange, disabled }: SourceFieldProps) {
  if (form.from === 'upload') {
    return (
      <FolderPicker
        plan={form.plan}
        problem={problems.source}
        onPlan={(plan) => onChange({ plan })}
        disabled={disabled}
      />
    )
  }
  if (form.from === 'hub') return <HubFields form={form} problems={problems} onChange={onChange} />
  if (form.from === 's3') {
    return (
      <TextInput
        label="Bucket and folder"
        description={<Buckets />}
        placeholder="s3://models/my-custom-model"
        required
        value={form.s3Path}
        error={problems.source}
        onChange={(event) => onChange({ s3Path: event.currentTarget.value })}
      />
    )
  }
  return (
    <TextInput
      label="Folder on the server"
      description="Only below the folders that the server’s owner allows"
      placeholder="/srv/models/my-custom-model"
      required
      value={form.serverFolder}
      error={problems.source}
      onChange={(event) => onChange({ serverFolder: event.currentTarget.value })}
    />
  )
}

function HubFields({ form, problems, onChange }: Pick<SourceFieldProps, 'form' | 'problems' | 'onChange'>) {
  return (
    <Group grow align="flex-start">
      <TextInput
        label="Model id"
        placeholder="meta-llama/Llama-3.1-8B-Instruct"
        required
        value={form.repository}
        error={problems.source}
        onChange={(event) => onChange({ repository: event.currentTarget.value })}
      />
      <TextInput
        label="Revision"
        placeholder="main"
        value={form.revision}
        error={problems.revision}
        onChange={(event) => onChange({ revision: event.currentTarget.value })}
      />
    </Group>
  )
}

/** Which buckets are known, and where to add more. */
function Buckets() {
  const connections = useQuery(connectionsQuery()).data ?? []
  const buckets = connections.flatMap(({ bucket }) => (bucket ? [bucket] : []))
  return (
    <>
      {buckets.length > 0 ? `Connected: ${buckets.join(', ')}. ` : ''}More buckets are added in{' '}
      <TextLink to="/settings" inherit underline="always">
        Settings
      </TextLink>
      .
    </>
  )
}

interface FolderPickerProps {
  plan: UploadPlan | undefined
  problem: string | undefined
  onPlan: (plan: UploadPlan | undefined) => void
  disabled: boolean
}

function FolderPicker({ plan, problem, onPlan, disabled }: FolderPickerProps) {
  return (
    <Input.Wrapper label="Folder" required error={problem} description="config.json, tokenizer and safetensors files">
      <Group gap="sm" mt={6}>
        <FileButton
          multiple
          disabled={disabled}
          onChange={(files) => onPlan(planUpload(files))}
          inputProps={{ webkitdirectory: '', 'aria-label': 'Folder', 'data-testid': 'model-folder' } as object}
        >
          {(props) => (
            <Button {...props} variant="default" disabled={disabled} leftSection={<IconUpload size={16} />}>
              Choose folder
            </Button>
          )}
        </FileButton>
        <Text c={plan ? undefined : 'dimmed'} style={{ overflowWrap: 'anywhere' }}>
          {plan
            ? `${plan.folder || 'chosen files'}: ${plural(plan.files.length, 'file')}, ${formatBytes(plan.bytes)}`
            : 'none chosen'}
        </Text>
      </Group>
    </Input.Wrapper>
  )
}
