/** The side panel: what can be narrowed down, with how many models each choice would leave. */
import type { ModelPage } from '@bud/contract'
import { listOf, toList } from '../../../prepare/search.ts'
import { facetLabel, sizeTexts } from './facet-labels.ts'
import type { ModelsSearch } from './search.ts'

type Counts = NonNullable<ModelPage['facets']>
export type FacetName = keyof Counts

export interface FacetOption {
  value: string
  label: string
  count: number
  checked: boolean
}

export interface FacetGroup {
  name: FacetName
  title: string
  /** One choice at a time. */
  single: boolean
  options: FacetOption[]
}

const groups: readonly { name: FacetName; title: string; single?: boolean }[] = [
  { name: 'origin', title: 'Origin', single: true },
  { name: 'state', title: 'State' },
  { name: 'size', title: 'Size' },
  { name: 'licence_class', title: 'Licence class' },
  { name: 'licence', title: 'Licence' },
  { name: 'architecture', title: 'Architecture' },
  { name: 'modality', title: 'Modality' },
  { name: 'kind', title: 'Kind', single: true },
  { name: 'tag', title: 'Tags' },
  { name: 'measured_gpu', title: 'Measured on', single: true },
  { name: 'benchmark', title: 'Benchmark', single: true },
]

/** Orders that people know; the others come by count. */
const orders: Partial<Record<FacetName, readonly string[]>> = {
  origin: ['registered', 'catalogue'],
  size: Object.keys(sizeTexts),
  licence_class: ['permissive', 'conditional', 'non-commercial', 'unknown'],
}

/**
 * Groups that narrow nothing, because every model has the one value, are left out. A choice that leaves nothing stays,
 * so that it can be taken back. `total`: how many models are listed now.
 */
export function toFacetGroups(counts: Counts, search: ModelsSearch, total: number): FacetGroup[] {
  return groups.flatMap(({ name, title, single = false }) => {
    const chosen = listOf(search[name])
    const known = counts[name].filter(({ value, count }) => count > 0 || chosen.includes(value))
    const missing = chosen.filter((value) => !known.some((one) => one.value === value))
    const options = [...known, ...missing.map((value) => ({ value, count: 0 }))]
      .toSorted(byOrder(orders[name]))
      .map(({ value, count }) => ({ value, label: optionLabel(name, value), count, checked: chosen.includes(value) }))
    return options.some((option) => option.checked || option.count < total) ? [{ name, title, single, options }] : []
  })
}

/** What the URL becomes when one option is ticked or unticked. */
export function toggled(search: ModelsSearch, group: Pick<FacetGroup, 'name' | 'single'>, value: string) {
  const chosen = listOf(search[group.name])
  const on = !chosen.includes(value)
  const next = group.single ? (on ? [value] : []) : on ? [...chosen, value] : chosen.filter((one) => one !== value)
  const change = { [group.name]: toList(next) }
  return group.name === 'benchmark' && next.length === 0 ? { ...change, score_min: undefined } : change
}

/** The first of a long list, and everything that is ticked. */
export const shortened = (options: readonly FacetOption[], most: number): FacetOption[] =>
  options.filter((option, index) => index < most || option.checked)

/** The group's title says the rest. */
const optionLabel = (name: FacetName, value: string): string =>
  name === 'measured_gpu' || name === 'licence_class' ? value : facetLabel(name, value)

const byOrder = (order: readonly string[] | undefined) => (a: Count, b: Count) =>
  order ? placeIn(order, a.value) - placeIn(order, b.value) : b.count - a.count || a.value.localeCompare(b.value)

interface Count {
  value: string
  count: number
}

function placeIn(order: readonly string[], value: string): number {
  const place = order.indexOf(value)
  return place < 0 ? order.length : place
}
