import { Group, NumberInput, SegmentedControl, Stack, Switch } from '@mantine/core'
import { numberOf } from '../../../prepare/number-field.ts'
import classes from './optimise-form.module.css'
import type { FieldsProps } from './optimise-form.tsx'
import { PresetPicker } from './preset-picker.tsx'

export function WorkloadFields(props: FieldsProps) {
  const { form, problems, onChange } = props
  return (
    <Stack gap="sm">
      <PresetPicker form={form} onChange={onChange} />
      <Group grow align="flex-start">
        <TokensInput
          label="Prompt tokens"
          value={form.inputTokens}
          error={problems.inputTokens}
          onChange={(inputTokens) => onChange({ inputTokens })}
        />
        <SpreadInput
          label="Spread of prompts"
          value={form.inputSpreadPercent}
          error={problems.inputSpread}
          onChange={(inputSpreadPercent) => onChange({ inputSpreadPercent })}
        />
      </Group>
      <Group grow align="flex-start">
        <TokensInput
          label="Answer tokens"
          value={form.outputTokens}
          error={problems.outputTokens}
          onChange={(outputTokens) => onChange({ outputTokens })}
        />
        <SpreadInput
          label="Spread of answers"
          value={form.outputSpreadPercent}
          error={problems.outputSpread}
          onChange={(outputSpreadPercent) => onChange({ outputSpreadPercent })}
        />
      </Group>
      <LoadFields {...props} />
      <Group grow align="flex-start">
        <NumberInput
          label="Prompt already cached"
          description="Shared beginnings of prompts"
          suffix=" %"
          min={0}
          max={99}
          value={form.cachedPercent ?? ''}
          error={problems.cached}
          onChange={(value) => onChange({ cachedPercent: numberOf(value) })}
        />
        <Switch
          className={classes.switch}
          label="Structured output"
          description="JSON schema or grammar"
          checked={form.structured}
          onChange={(event) => onChange({ structured: event.currentTarget.checked })}
        />
      </Group>
    </Stack>
  )
}

function LoadFields({ form, problems, onChange }: FieldsProps) {
  return (
    <>
      <SegmentedControl
        aria-label="Load is given as"
        data={[
          { value: 'concurrency', label: 'Requests in flight' },
          { value: 'rate', label: 'Requests per second' },
        ]}
        value={form.load}
        onChange={(value) => onChange({ load: value === 'rate' ? 'rate' : 'concurrency' })}
      />
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
        <Group grow align="flex-start">
          <NumberInput
            label="Requests per second"
            description="Over the whole endpoint"
            min={0}
            value={form.ratePerS ?? ''}
            error={problems.load}
            onChange={(value) => onChange({ ratePerS: numberOf(value) })}
          />
          <NumberInput
            label="Burstiness"
            description="1: at random, more: in bursts"
            placeholder="1"
            min={0}
            max={10}
            step={0.5}
            value={form.burstiness ?? ''}
            error={problems.burstiness}
            onChange={(value) => onChange({ burstiness: numberOf(value) })}
          />
        </Group>
      )}
    </>
  )
}

interface NumberFieldProps {
  label: string
  value: number | undefined
  error: string | undefined
  onChange: (value: number | undefined) => void
}

function TokensInput({ value, onChange, ...props }: NumberFieldProps) {
  return (
    <NumberInput
      {...props}
      description="On average"
      thousandSeparator=","
      min={1}
      allowDecimal={false}
      value={value ?? ''}
      onChange={(next) => onChange(numberOf(next))}
    />
  )
}

/** A coefficient of variation, as people say it. */
function SpreadInput({ value, onChange, ...props }: NumberFieldProps) {
  return (
    <NumberInput
      {...props}
      description="Standard deviation"
      placeholder="not stated"
      prefix="± "
      suffix=" %"
      min={0}
      max={1000}
      allowDecimal={false}
      step={10}
      value={value ?? ''}
      onChange={(next) => onChange(numberOf(next))}
    />
  )
}
