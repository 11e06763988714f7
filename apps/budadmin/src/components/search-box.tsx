import { TextInput } from '@mantine/core'
import { useDebouncedCallback } from '@mantine/hooks'
import { useEffect, useState } from 'react'
import { IconSearch } from './icons.ts'

export interface SearchBoxProps {
  label: string
  value: string | undefined
  onChange: (text: string | undefined) => void
  maw?: number
}

/** Types freely; the URL and the list follow a moment later. */
export function SearchBox({ label, value, onChange, maw = 360 }: SearchBoxProps) {
  const [text, setText] = useState(value ?? '')
  useEffect(() => {
    if (value === undefined) setText('')
  }, [value])
  const tell = useDebouncedCallback((next: string) => onChange(next.trim() || undefined), 250)
  return (
    <TextInput
      aria-label={label}
      placeholder={label}
      leftSection={<IconSearch size={16} />}
      value={text}
      onChange={(event) => {
        setText(event.currentTarget.value)
        tell(event.currentTarget.value)
      }}
      style={{ flex: '1 1 200px' }}
      maw={maw}
    />
  )
}
