/** What the list can be narrowed by, each choice with how many models it would leave. */
import type { ModelPage } from '@bud/contract'
import { Button, Checkbox, Select } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { type ReactNode, useState } from 'react'
import { AmountFilter } from '../../../components/amount-filter.tsx'
import { formatInteger } from '../../../prepare/format.ts'
import { clustersQuery } from '../../clusters/api/clusters.ts'
import { type FacetGroup, type FacetName, shortened, toFacetGroups, toggled } from '../prepare/facets.ts'
import type { ModelsSearch } from '../prepare/search.ts'
import classes from './facet-panel.module.css'

export interface FacetPanelProps {
  facets: NonNullable<ModelPage['facets']>
  /** How many models are listed now. */
  total: number
  search: ModelsSearch
  onChange: (change: Partial<ModelsSearch>) => void
}

export function FacetPanel({ facets, total, search, onChange }: FacetPanelProps) {
  return (
    <section className={classes.groups} aria-label="Filters">
      <FitsFilter value={search.fits_cluster} onChange={(fits_cluster) => onChange({ fits_cluster })} />
      {toFacetGroups(facets, search, total).map((group) => (
        <Group
          key={group.name}
          group={group}
          onToggle={(value) => onChange(toggled(search, group, value))}
          extra={<Amounts of={group.name} search={search} onChange={onChange} />}
        />
      ))}
      <fieldset className={classes.group}>
        <legend className={classes.title}>Context and parameters</legend>
        <AmountFilter
          label="Context at least"
          placeholder="131,072"
          suffix=" tokens"
          value={search.context_min}
          onChange={(context_min) => onChange({ context_min })}
        />
        <div className={classes.amounts}>
          <AmountFilter
            label="Active from"
            suffix=" B"
            unit={1e9}
            value={search.active_parameters_min}
            onChange={(active_parameters_min) => onChange({ active_parameters_min })}
          />
          <AmountFilter
            label="Active up to"
            suffix=" B"
            unit={1e9}
            value={search.active_parameters_max}
            onChange={(active_parameters_max) => onChange({ active_parameters_max })}
          />
        </div>
      </fieldset>
    </section>
  )
}

/** Limits that belong to what was measured. */
function Amounts({ of, search, onChange }: { of: FacetName } & Pick<FacetPanelProps, 'search' | 'onChange'>) {
  if (of === 'measured_gpu') {
    return (
      <div className={classes.amounts}>
        <AmountFilter
          label="Tokens/s per GPU ≥"
          value={search.output_tok_s_per_gpu_min}
          onChange={(output_tok_s_per_gpu_min) => onChange({ output_tok_s_per_gpu_min })}
        />
        <AmountFilter
          label="First token ≤"
          suffix=" ms"
          value={search.ttft_ms_max}
          onChange={(ttft_ms_max) => onChange({ ttft_ms_max })}
        />
      </div>
    )
  }
  if (of === 'benchmark' && search.benchmark) {
    return (
      <div className={classes.amounts}>
        <AmountFilter label="Score ≥" value={search.score_min} onChange={(score_min) => onChange({ score_min })} />
      </div>
    )
  }
  return null
}

function FitsFilter({ value, onChange }: { value: string | undefined; onChange: (name: string | undefined) => void }) {
  const clusters = useQuery(clustersQuery()).data ?? []
  const names = clusters.map(({ name }) => name)
  return (
    <Select
      label="Fits on cluster"
      placeholder="any"
      size="xs"
      clearable
      data={value && !names.includes(value) ? [...names, value] : names}
      value={value ?? null}
      onChange={(name) => onChange(name ?? undefined)}
    />
  )
}

const SHOWN = 7

interface GroupProps {
  group: FacetGroup
  onToggle: (value: string) => void
  extra: ReactNode
}

function Group({ group, onToggle, extra }: GroupProps) {
  const [all, setAll] = useState(false)
  const shown = all ? group.options : shortened(group.options, SHOWN)
  return (
    <fieldset className={classes.group}>
      <legend className={classes.title}>{group.title}</legend>
      <ul className={classes.options}>
        {shown.map(({ value, label, count, checked }) => (
          <li key={value}>
            {/* biome-ignore lint/a11y/noLabelWithoutControl: the box is inside it */}
            <label className={classes.option} data-empty={count === 0 || undefined}>
              <Checkbox size="xs" checked={checked} onChange={() => onToggle(value)} />
              <span className={classes.label}>{label}</span>
              <span className={classes.count}>{formatInteger(count)}</span>
            </label>
          </li>
        ))}
      </ul>
      {group.options.length > shown.length || all ? (
        <Button size="compact-xs" variant="subtle" mt={2} onClick={() => setAll(!all)} aria-expanded={all}>
          {all ? 'Show fewer' : `Show all ${group.options.length}`}
          <span className="visually-hidden"> of {group.title}</span>
        </Button>
      ) : null}
      {extra}
    </fieldset>
  )
}
