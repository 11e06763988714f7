import type { Targets } from '@bud/kernel'
import { Group, NativeSelect, NumberInput, Stack } from '@mantine/core'
import { numberOf } from '../../../prepare/number-field.ts'
import { CertaintyKnob } from './certainty-knob.tsx'
import classes from './optimise-form.module.css'
import type { FieldsProps } from './optimise-form.tsx'

export function LimitFields({ form, problems, onChange }: FieldsProps) {
  const set = (key: keyof Targets, value: string | number) =>
    onChange({ targets: { ...form.targets, [key]: numberOf(value) } })
  const budgetKey = form.budgetPer === 'hour' ? 'budget_usd_per_hour' : 'budget_usd_per_month'
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
      <Group grow align="flex-start" className={classes.budget}>
        <LimitInput
          label="Budget"
          description="At most"
          prefix="$"
          value={form.targets[budgetKey]}
          error={problems.budget}
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
      <CertaintyKnob
        value={form.confidence}
        problem={problems.confidence}
        onChange={(confidence) => onChange({ confidence })}
      />
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
