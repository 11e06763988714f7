import { Button, FileButton, Group, Input, SegmentedControl, Stack, Text, TextInput } from '@mantine/core'
import { IconUpload } from '../../../components/icons.ts'
import { formatBytes, plural } from '../../../prepare/format.ts'
import type { RegistrationForm } from '../prepare/registration.ts'
import { planUpload, type UploadPlan } from '../prepare/upload.ts'

export interface SourceFieldProps {
  form: RegistrationForm
  problem: string | undefined
  onChange: (part: Partial<RegistrationForm>) => void
  onPlan: (plan: UploadPlan | undefined) => void
}

/** Where the files come from: a folder of this computer, or a path the server can read. */
export function SourceField({ form, problem, onChange, onPlan }: SourceFieldProps) {
  return (
    <Stack gap="xs">
      <SegmentedControl
        aria-label="Source"
        data={[
          { value: 'folder', label: 'Upload a folder' },
          { value: 'path', label: 'From an S3 path' },
        ]}
        value={form.from}
        onChange={(value) => onChange({ from: value === 'path' ? 'path' : 'folder' })}
      />
      {form.from === 'folder' ? (
        <FolderPicker plan={form.plan} problem={problem} onPlan={onPlan} />
      ) : (
        <TextInput
          label="Source path"
          placeholder="s3://models/my-custom-model"
          required
          value={form.sourcePath}
          error={problem}
          onChange={(event) => onChange({ sourcePath: event.currentTarget.value })}
        />
      )}
    </Stack>
  )
}

function FolderPicker({
  plan,
  problem,
  onPlan,
}: Pick<SourceFieldProps, 'problem' | 'onPlan'> & { plan: UploadPlan | undefined }) {
  return (
    <Input.Wrapper label="Folder" required error={problem} description="config.json, tokenizer and safetensors files">
      <Group gap="sm" mt={6}>
        <FileButton
          multiple
          onChange={(files) => onPlan(planUpload(files))}
          inputProps={{ webkitdirectory: '', 'aria-label': 'Folder', 'data-testid': 'model-folder' } as object}
        >
          {(props) => (
            <Button {...props} variant="default" leftSection={<IconUpload size={16} />}>
              Choose folder
            </Button>
          )}
        </FileButton>
        <Text c={plan ? undefined : 'dimmed'}>
          {plan
            ? `${plan.folder || 'chosen files'}: ${plural(plan.files.length, 'file')}, ${formatBytes(plan.bytes)}`
            : 'none chosen'}
        </Text>
      </Group>
    </Input.Wrapper>
  )
}
