import { Autocomplete, NumberInput, Select, Switch, Text } from '@mantine/core'
import { getField, setField } from '../prepare/document.ts'
import { type Field, fieldDefaults, fieldGroups } from '../prepare/fields.ts'
import classes from './deployment-form.module.css'

export interface DeploymentFormProps {
  text: string
  onChange: (text: string) => void
  /** GPU types to offer; others may be typed. */
  gpuTypes: readonly string[]
}

/** The document as a form: each field reads its value from the text and writes it back there. */
export function DeploymentForm({ text, onChange, gpuTypes }: DeploymentFormProps) {
  return (
    <div className={classes.form}>
      {fieldGroups.map((group) => (
        <fieldset key={group.title} className={classes.group}>
          <Text component="legend" fz="sm" fw={600} c="dimmed">
            {group.title}
          </Text>
          <div className={classes.fields}>
            {group.fields.map((field) => (
              <FormField
                key={field.path.join('.')}
                field={field}
                value={getField(text, field.path)}
                gpuTypes={gpuTypes}
                onChange={(value) => onChange(setField(text, field.path, value))}
              />
            ))}
          </div>
        </fieldset>
      ))}
    </div>
  )
}

interface FormFieldProps {
  field: Field
  value: unknown
  gpuTypes: readonly string[]
  onChange: (value: string | number | boolean | undefined) => void
}

function FormField({ field, value, gpuTypes, onChange }: FormFieldProps) {
  if (field.kind === 'number') return <NumberField field={field} value={value} onChange={onChange} />
  if (field.kind === 'switch') {
    return (
      <Switch
        label={field.label}
        checked={typeof value === 'boolean' ? value : field.fallback}
        onChange={(event) => onChange(event.currentTarget.checked)}
        className={classes.switch}
      />
    )
  }
  if (field.kind === 'choice') {
    return (
      <Select
        label={field.label}
        data={field.choices}
        allowDeselect={false}
        value={field.choices.find((choice) => choice === value) ?? (value === undefined ? field.fallback : null)}
        onChange={(next) => onChange(next ?? undefined)}
      />
    )
  }
  return (
    <Autocomplete
      label={field.label}
      data={gpuTypes}
      value={typeof value === 'string' ? value : ''}
      onChange={(next) => onChange(next || undefined)}
      classNames={{ root: classes.wide ?? '' }}
    />
  )
}

type NumberFieldProps = Pick<FormFieldProps, 'value' | 'onChange'> & { field: Extract<Field, { kind: 'number' }> }

function NumberField({ field, value, onChange }: NumberFieldProps) {
  const shown = typeof value === 'number' ? value : (fieldDefaults[field.path.join('.')] ?? '')
  return (
    <NumberInput
      label={field.label}
      min={field.min}
      step={field.step ?? 1}
      allowDecimal={field.step !== undefined}
      thousandSeparator=","
      value={shown}
      onChange={(next) => onChange(typeof next === 'number' ? next : undefined)}
      {...(field.max === undefined ? {} : { max: field.max })}
      {...(field.suffix ? { suffix: field.suffix } : {})}
      {...(field.optional ? { placeholder: field.optional } : {})}
    />
  )
}
