import type { Targets } from '@bud/kernel'
import { Group, NumberInput, Stack } from '@mantine/core'
import { numberOf } from '../../../prepare/number-field.ts'
import { CertaintyKnob } from './certainty-knob.tsx'
import type { FieldsProps } from './optimise-form.tsx'

export function LimitFields({ form, problems, onChange }: FieldsProps) {
  const set = (key: keyof Targets, value: string | number) =>
    onChange({ targets: { ...form.targets, [key]: numberOf(value) } })
  return (
    <Stack gap="sm">
      <Group grow align="flex-start">
        <LimitInput
          label="Time to first token"
          description="At most"
          suffix=" ms"
          value={form.targets.ttft_ms}
          error={problems.ttft_ms}
          onChange={(value) => set('ttft_ms', value)}
        />
        <LimitInput
          label="End-to-end latency"
          description="At most"
          suffix=" ms"
          value={form.targets.e2e_ms}
          error={problems.e2e_ms}
          onChange={(value) => set('e2e_ms', value)}
        />
      </Group>
      <Group grow align="flex-start">
        <LimitInput
          label="Tokens per second"
          description="At least, all together"
          value={form.targets.tokens_per_s}
          error={problems.tokens_per_s}
          onChange={(value) => set('tokens_per_s', value)}
        />
        <LimitInput
          label="Tokens per second of a stream"
          description="At least"
          value={form.targets.tokens_per_s_per_user}
          error={problems.tokens_per_s_per_user}
          onChange={(value) => set('tokens_per_s_per_user', value)}
        />
      </Group>
      <Group grow align="flex-start">
        <LimitInput
          label="Budget per hour"
          description="At most"
          prefix="$"
          value={form.targets.budget_usd_per_hour}
          error={problems.budget_usd_per_hour}
          onChange={(value) => set('budget_usd_per_hour', value)}
        />
        <LimitInput
          label="Budget per month"
          description="At most, of 730 hours"
          prefix="$"
          value={form.targets.budget_usd_per_month}
          error={problems.budget_usd_per_month}
          onChange={(value) => set('budget_usd_per_month', value)}
        />
      </Group>
      <CertaintyKnob
        value={form.confidence}
        problem={problems.confidence}
        onChange={(confidence) => onChange({ confidence })}
      />
    </Stack>
  )
}

interface LimitInputProps {
  label: string
  description: string
  value: number | undefined
  error: string | undefined
  onChange: (value: string | number) => void
  suffix?: string
  prefix?: string
}

function LimitInput({ value, ...props }: LimitInputProps) {
  return (
    <NumberInput {...props} placeholder="no limit" thousandSeparator="," min={0} hideControls value={value ?? ''} />
  )
}
