/** Finds a model among all that may be deployed: the server searches, so that their number does not matter. */
import { Select } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { foundModelsQuery } from '../api/found-models.ts'
import { modelQuery } from '../api/model.ts'
import { pickerOptions } from '../prepare/picker.ts'

export interface ModelPickerProps {
  /** Id, name or version reference. */
  value: string | undefined
  onChange: (id: string | undefined) => void
  problem?: string | undefined
  disabled?: boolean
}

export function ModelPicker({ value, onChange, problem, disabled = false }: ModelPickerProps) {
  const chosen = useQuery(modelQuery(value)).data
  const [typed, setTyped] = useState('')
  const [search] = useDebouncedValue(typed, 200)
  const label = chosen?.name
  const found = useQuery(foundModelsQuery(search === label ? '' : search.trim()))
  const options = pickerOptions(found.data?.items ?? [], value, chosen)
  return (
    <Select
      label="Model"
      placeholder="Choose a model"
      required
      searchable
      disabled={disabled}
      data={options}
      // What the server found is what is offered.
      filter={({ options: all }) => all}
      value={chosen ? (value ?? null) : null}
      searchValue={typed}
      onSearchChange={setTyped}
      error={problem}
      onChange={(id) => onChange(id ?? undefined)}
      nothingFoundMessage={found.isFetching ? 'Searching …' : 'No model that may be deployed'}
    />
  )
}
