import { Group, NumberInput, Stack, Text, TextInput } from '@mantine/core'
import type { RegistrationForm } from '../prepare/registration.ts'

export interface ClaimFieldsProps {
  form: RegistrationForm
  onChange: (part: Partial<RegistrationForm>) => void
}

/** What people believe of the model; the files have the last word. */
export function ClaimFields({ form, onChange }: ClaimFieldsProps) {
  return (
    <Stack gap={4} component="fieldset" m={0} p={0} bd="none">
      <Text component="legend" fz="sm" c="dimmed" p={0} mb={4}>
        Optional. Facts are read from the files; where they say something else, the files win and you are told.
      </Text>
      <Group grow align="flex-start">
        <TextInput
          label="Architecture"
          placeholder="llama"
          value={form.architecture}
          onChange={(event) => onChange({ architecture: event.currentTarget.value })}
        />
        <NumberInput
          label="Parameters"
          placeholder="7,000,000,000"
          thousandSeparator=","
          min={1}
          allowDecimal={false}
          hideControls
          value={form.parameterCount ?? ''}
          onChange={(value) => onChange({ parameterCount: toNumber(value) })}
        />
        <NumberInput
          label="Context length"
          placeholder="8,192"
          thousandSeparator=","
          min={1}
          allowDecimal={false}
          hideControls
          value={form.contextLength ?? ''}
          onChange={(value) => onChange({ contextLength: toNumber(value) })}
        />
      </Group>
    </Stack>
  )
}

const toNumber = (value: string | number): number | undefined => (typeof value === 'number' ? value : undefined)
