import { Button, Collapse, NumberInput, SimpleGrid, Text, TextInput } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { numberOf } from '../../../prepare/number-field.ts'
import type { RegistrationForm } from '../prepare/registration.ts'

export interface ClaimFieldsProps {
  form: RegistrationForm
  onChange: (part: Partial<RegistrationForm>) => void
}

/** What people believe of the model; the files have the last word. */
export function ClaimFields({ form, onChange }: ClaimFieldsProps) {
  const [opened, fields] = useDisclosure(false)
  return (
    <div>
      <Button
        variant="subtle"
        size="compact-sm"
        onClick={fields.toggle}
        aria-expanded={opened}
        aria-controls="claim-fields"
      >
        {opened ? 'Hide' : 'State'} what you know of it
      </Button>
      <Collapse expanded={opened} id="claim-fields">
        <Text fz="sm" c="dimmed" my={4}>
          Optional. Facts are read from the files; where they say something else, the files win and you are told.
        </Text>
        <Claims form={form} onChange={onChange} />
      </Collapse>
    </div>
  )
}

function Claims({ form, onChange }: ClaimFieldsProps) {
  const whole = { thousandSeparator: ',', min: 1, allowDecimal: false, hideControls: true } as const
  return (
    <SimpleGrid cols={{ base: 1, xs: 2, sm: 3 }} spacing="sm" verticalSpacing="xs">
      <TextInput
        label="Architecture"
        placeholder="llama"
        value={form.architecture}
        onChange={(event) => onChange({ architecture: event.currentTarget.value })}
      />
      <NumberInput
        label="Parameters"
        placeholder="7,000,000,000"
        {...whole}
        value={form.parameterCount ?? ''}
        onChange={(value) => onChange({ parameterCount: numberOf(value) })}
      />
      <NumberInput
        label="Context length"
        placeholder="8,192"
        {...whole}
        value={form.contextLength ?? ''}
        onChange={(value) => onChange({ contextLength: numberOf(value) })}
      />
      <TextInput
        label="Base model"
        placeholder="what it was made from"
        value={form.baseModel}
        onChange={(event) => onChange({ baseModel: event.currentTarget.value })}
      />
      <TextInput
        label="Licence"
        placeholder="Apache-2.0"
        value={form.licence}
        onChange={(event) => onChange({ licence: event.currentTarget.value })}
      />
    </SimpleGrid>
  )
}
