import { NumberInput } from '@mantine/core'
import { useDebouncedCallback } from '@mantine/hooks'
import { useEffect, useState } from 'react'
import { numberOf } from '../prepare/number-field.ts'

export interface AmountFilterProps {
  label: string
  placeholder?: string
  suffix?: string
  /** What the field shows is the value divided by this, e.g. billions. */
  unit?: number
  value: number | undefined
  onChange: (value: number | undefined) => void
}

/** A number that narrows a list: typed freely, told a moment later. */
export function AmountFilter({ label, placeholder, suffix, unit = 1, value, onChange }: AmountFilterProps) {
  const shown = value === undefined ? undefined : value / unit
  const [typed, setTyped] = useState(shown)
  useEffect(() => setTyped(shown), [shown])
  const tell = useDebouncedCallback((next: number | undefined) => onChange(next), 400)
  return (
    <NumberInput
      label={label}
      size="xs"
      min={0}
      hideControls
      thousandSeparator=","
      value={typed ?? ''}
      onChange={(next) => {
        const number = numberOf(next)
        setTyped(number)
        tell(number === undefined ? undefined : Math.round(number * unit * 1000) / 1000)
      }}
      {...(placeholder ? { placeholder } : {})}
      {...(suffix ? { suffix } : {})}
    />
  )
}
