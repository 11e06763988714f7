import { Group, NumberInput, SegmentedControl, Select, Stack } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { workloadPresetsQuery } from '../api/workload-presets.ts'
import { fromPreset } from '../prepare/request.ts'
import type { FieldsProps } from './optimise-form.tsx'

const numberOf = (value: string | number): number | undefined => (typeof value === 'number' ? value : undefined)

export function WorkloadFields({ form, problems, onChange }: FieldsProps) {
  return (
    <Stack gap="sm">
      <PresetField onChange={onChange} />
      <Group grow align="flex-start">
        <NumberInput
          label="Prompt tokens"
          thousandSeparator=","
          min={1}
          allowDecimal={false}
          value={form.inputTokens ?? ''}
          error={problems.inputTokens}
          onChange={(value) => onChange({ inputTokens: numberOf(value) })}
        />
        <NumberInput
          label="Answer tokens"
          thousandSeparator=","
          min={1}
          allowDecimal={false}
          value={form.outputTokens ?? ''}
          error={problems.outputTokens}
          onChange={(value) => onChange({ outputTokens: numberOf(value) })}
        />
      </Group>
      <SegmentedControl
        aria-label="Load is given as"
        data={[
          { value: 'concurrency', label: 'Requests in flight' },
          { value: 'rate', label: 'Requests per second' },
        ]}
        value={form.load}
        onChange={(value) => onChange({ load: value === 'rate' ? 'rate' : 'concurrency' })}
      />
      <Group grow align="flex-start">
        {form.load === 'concurrency' ? (
          <NumberInput
            label="Requests in flight"
            description="Over the whole endpoint"
            min={1}
            allowDecimal={false}
            value={form.concurrency ?? ''}
            error={problems.load}
            onChange={(value) => onChange({ concurrency: numberOf(value) })}
          />
        ) : (
          <NumberInput
            label="Requests per second"
            description="Over the whole endpoint"
            min={0}
            value={form.ratePerS ?? ''}
            error={problems.load}
            onChange={(value) => onChange({ ratePerS: numberOf(value) })}
          />
        )}
        <NumberInput
          label="Prompt already cached"
          description="Shared beginnings of prompts"
          suffix=" %"
          min={0}
          max={99}
          value={form.cachedPercent ?? ''}
          onChange={(value) => onChange({ cachedPercent: numberOf(value) })}
        />
      </Group>
    </Stack>
  )
}

/** Fills the fields with a usual load; they may be changed afterwards. */
function PresetField({ onChange }: Pick<FieldsProps, 'onChange'>) {
  const presets = useQuery(workloadPresetsQuery()).data ?? []
  const [chosen, setChosen] = useState<string | null>(null)
  const preset = presets.find(({ name }) => name === chosen)
  return (
    <Select
      label="Start from a usual load"
      placeholder="Chat, RAG, code completion …"
      description={preset?.reason}
      data={presets.map(({ name }) => name)}
      value={chosen}
      onChange={(name) => {
        setChosen(name)
        const found = presets.find((one) => one.name === name)
        if (found) onChange(fromPreset(found))
      }}
    />
  )
}
