import { Group, SegmentedControl, Select, TextInput } from '@mantine/core'
import { useDebouncedCallback } from '@mantine/hooks'
import { useEffect, useState } from 'react'
import { IconSearch } from '../../../components/icons.ts'
import { sizeRanges } from '../prepare/filters.ts'
import { type ModelsSearch, sizeNames } from '../prepare/search.ts'

export interface ModelsFiltersProps {
  search: ModelsSearch
  architectures: readonly string[]
  onChange: (change: Partial<ModelsSearch>) => void
}

const sizes = sizeNames.map((name) => ({ value: name, label: sizeRanges[name].label }))
const sorts = [
  { value: 'name', label: 'Name' },
  { value: 'size', label: 'Smallest first' },
  { value: 'context', label: 'Longest context' },
  { value: 'newest', label: 'Newest' },
]

export function ModelsFilters({ search, architectures, onChange }: ModelsFiltersProps) {
  return (
    <Group gap="xs" align="flex-end">
      <SearchBox value={search.search} onChange={(text) => onChange({ search: text })} />
      <Select
        aria-label="Architecture"
        placeholder="Any architecture"
        data={architectures}
        value={search.architecture ?? null}
        onChange={(value) => onChange({ architecture: value ?? undefined })}
        searchable
        clearable
        w={180}
      />
      <Select
        aria-label="Size"
        placeholder="Any size"
        data={sizes}
        value={search.size ?? null}
        onChange={(value) => onChange({ size: sizeNames.find((name) => name === value) })}
        clearable
        w={140}
      />
      <SegmentedControl
        aria-label="Origin"
        data={[
          { value: 'all', label: 'All' },
          { value: 'registered', label: 'Registered' },
          { value: 'catalogue', label: 'Catalogue' },
        ]}
        value={search.origin ?? 'all'}
        onChange={(value) => onChange({ origin: value === 'registered' || value === 'catalogue' ? value : undefined })}
      />
      <Select
        aria-label="Sort by"
        placeholder="Sort"
        data={sorts}
        value={search.sort ?? null}
        onChange={(value) => onChange({ sort: (value as ModelsSearch['sort']) ?? undefined })}
        clearable
        w={160}
      />
    </Group>
  )
}

/** Types freely; the URL and the list follow a moment later. */
function SearchBox({ value, onChange }: { value: string | undefined; onChange: (text: string | undefined) => void }) {
  const [text, setText] = useState(value ?? '')
  useEffect(() => {
    if (value === undefined) setText('')
  }, [value])
  const tell = useDebouncedCallback((next: string) => onChange(next.trim() || undefined), 250)
  return (
    <TextInput
      aria-label="Search models"
      placeholder="Search models"
      leftSection={<IconSearch size={16} />}
      value={text}
      onChange={(event) => {
        setText(event.currentTarget.value)
        tell(event.currentTarget.value)
      }}
      style={{ flex: '1 1 200px' }}
      maw={320}
    />
  )
}
