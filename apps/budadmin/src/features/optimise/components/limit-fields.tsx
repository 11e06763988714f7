import type { Targets } from '@bud/kernel'
import { Group, NativeSelect, NumberInput, Stack } from '@mantine/core'
import type { FieldsProps } from './optimise-form.tsx'

export function LimitFields({ form, onChange }: FieldsProps) {
  const set = (key: keyof Targets, value: string | number) =>
    onChange({ targets: { ...form.targets, [key]: typeof value === 'number' ? value : undefined } })
  const budgetKey = form.budgetPer === 'hour' ? 'budget_usd_per_hour' : 'budget_usd_per_month'
  return (
    <Stack gap="sm">
      <Group grow align="flex-start">
        <LimitInput
          label="Time to first token"
          description="At most"
          suffix=" ms"
          value={form.targets.ttft_ms}
          onChange={(value) => set('ttft_ms', value)}
        />
        <LimitInput
          label="End-to-end latency"
          description="At most"
          suffix=" ms"
          value={form.targets.e2e_ms}
          onChange={(value) => set('e2e_ms', value)}
        />
      </Group>
      <Group grow align="flex-start">
        <LimitInput
          label="Tokens per second"
          description="At least, all together"
          value={form.targets.tokens_per_s}
          onChange={(value) => set('tokens_per_s', value)}
        />
        <LimitInput
          label="Tokens per second of a stream"
          description="At least"
          value={form.targets.tokens_per_s_per_user}
          onChange={(value) => set('tokens_per_s_per_user', value)}
        />
      </Group>
      <Group grow align="flex-end">
        <LimitInput
          label="Budget"
          description="At most"
          prefix="$"
          value={form.targets[budgetKey]}
          onChange={(value) => set(budgetKey, value)}
        />
        <NativeSelect
          aria-label="Budget is per"
          data={[
            { value: 'hour', label: 'per hour' },
            { value: 'month', label: 'per month (730 hours)' },
          ]}
          value={form.budgetPer}
          onChange={(event) => onChange(moveBudget(form, event.currentTarget.value === 'month' ? 'month' : 'hour'))}
        />
      </Group>
    </Stack>
  )
}

/** The figure stays; what it counts for changes. */
function moveBudget(form: FieldsProps['form'], budgetPer: 'hour' | 'month'): Partial<FieldsProps['form']> {
  const amount = form.targets.budget_usd_per_hour ?? form.targets.budget_usd_per_month
  const key = budgetPer === 'hour' ? 'budget_usd_per_hour' : 'budget_usd_per_month'
  const { budget_usd_per_hour: _hour, budget_usd_per_month: _month, ...others } = form.targets
  return { budgetPer, targets: amount === undefined ? others : { ...others, [key]: amount } }
}

interface LimitInputProps {
  label: string
  description: string
  value: number | undefined
  onChange: (value: string | number) => void
  suffix?: string
  prefix?: string
}

function LimitInput({ value, ...props }: LimitInputProps) {
  return (
    <NumberInput {...props} placeholder="no limit" thousandSeparator="," min={0} hideControls value={value ?? ''} />
  )
}
