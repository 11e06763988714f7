import type { EngineName } from '@bud/kernel'
import { Checkbox, SegmentedControl, Stack } from '@mantine/core'
import { engines, objectives } from '../prepare/request.ts'
import type { FieldsProps } from './optimise-form.tsx'

export function SearchFields({ form, problems, onChange }: FieldsProps) {
  return (
    <Stack gap="md">
      <SegmentedControl
        aria-label="Objective"
        data={objectives.map(({ value, label }) => ({ value, label }))}
        value={form.objective}
        onChange={(value) => onChange({ objective: objectives.find((one) => one.value === value)?.value ?? 'cost' })}
      />
      <Checkbox.Group
        label="Engines to consider"
        value={form.runtimes}
        error={problems.runtimes}
        onChange={(values) => onChange({ runtimes: values as EngineName[] })}
      >
        <Stack gap={6} mt={6}>
          {engines.map((engine) => (
            <Checkbox
              key={engine.value}
              value={engine.value}
              label={engine.label}
              description={`Best for ${engine.bestFor}`}
            />
          ))}
        </Stack>
      </Checkbox.Group>
    </Stack>
  )
}
