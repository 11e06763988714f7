import { ActionIcon, Button } from '@mantine/core'
import { IconRemove } from '../../../components/icons.ts'
import { appliedFilters } from '../prepare/filters.ts'
import type { ModelsSearch } from '../prepare/search.ts'
import classes from './applied-filters.module.css'

export interface AppliedFiltersProps {
  search: ModelsSearch
  onChange: (change: Partial<ModelsSearch>) => void
  onClear: () => void
}

/** What narrows the list now; each can be taken back where it stands. */
export function AppliedFilters({ search, onChange, onClear }: AppliedFiltersProps) {
  const filters = appliedFilters(search)
  if (filters.length === 0) return null
  return (
    <ul className={classes.list} aria-label="Filters that are on">
      {filters.map((filter) => (
        <li key={filter.key} className={classes.filter}>
          {filter.label}
          <ActionIcon size="xs" aria-label={`Remove ${filter.label}`} onClick={() => onChange(filter.without)}>
            <IconRemove size={12} />
          </ActionIcon>
        </li>
      ))}
      <li>
        <Button size="compact-sm" variant="subtle" onClick={onClear}>
          Clear all
        </Button>
      </li>
    </ul>
  )
}
