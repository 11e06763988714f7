/** How many models each choice of a filter would leave, counted from the combinations of values that occur. */
import type { ModelFilter } from './model-filter.ts'
import { SIZE_CLASS_NAMES } from './sizes.ts'

/** Models alike in all that facets ask for, the filters below left aside. */
export interface Combination {
  origin: string
  kind: string
  architecture: string | null
  size: string | null
  licence: string | null
  licence_class: string
  modality: string
  state: string
  /** GPUs with a measured row of this shape that holds the other limits. */
  gpus: readonly string[]
  count: number
}

type Counted = 'origin' | 'kind' | 'architecture' | 'size' | 'licence' | 'licence_class' | 'modality' | 'state'
export type CountedFacet = Counted | 'measured_gpu'
export type Facet = { value: string; count: number }[]

const COUNTED: readonly CountedFacet[] = [
  'origin',
  'kind',
  'architecture',
  'size',
  'licence',
  'licence_class',
  'modality',
  'state',
  'measured_gpu',
]

/** `measured`: whether a measured row holds what is asked for, the GPU included. */
export type Passes = Record<CountedFacet, (combination: Combination) => boolean>

export function createPasses(filter: ModelFilter, gpus: ReadonlySet<string> | undefined): Passes {
  const within = (wanted: readonly string[] | undefined, value: string | null): boolean =>
    wanted === undefined || (value !== null && wanted.includes(value.toLowerCase()))
  const { architecture: prefixes, measured } = filter
  return {
    origin: ({ origin }) => filter.origin === undefined || filter.origin === origin,
    kind: ({ kind }) => filter.kind === undefined || filter.kind === kind,
    architecture: ({ architecture }) =>
      prefixes === undefined || prefixes.some((prefix) => architecture?.toLowerCase().startsWith(prefix)),
    size: ({ size }) => within(filter.size, size),
    licence: ({ licence }) => within(filter.licence, licence),
    licence_class: ({ licence_class }) => within(filter.licence_class, licence_class),
    modality: ({ modality }) => within(filter.modality, modality),
    state: ({ state }) => within(filter.state, state),
    measured_gpu: (combination) =>
      measured === undefined || combination.gpus.some((gpu) => gpus === undefined || gpus.has(gpu)),
  }
}

/** Each facet with every filter but its own, most frequent first; and how many models pass them all. */
export function countFacets(
  combinations: readonly Combination[],
  passes: Passes,
): { total: number; facets: Record<CountedFacet, Facet> } {
  const counts = Object.fromEntries(COUNTED.map((facet) => [facet, new Map<string, number>()])) as Record<
    CountedFacet,
    Map<string, number>
  >
  let total = 0
  for (const combination of combinations) {
    const failed = COUNTED.filter((facet) => !passes[facet](combination))
    if (failed.length === 0) total += combination.count
    if (failed.length > 1) continue
    for (const facet of failed.length === 1 ? failed : COUNTED) {
      for (const value of valuesOf(combination, facet)) {
        counts[facet].set(value, (counts[facet].get(value) ?? 0) + combination.count)
      }
    }
  }
  const facets = Object.fromEntries(COUNTED.map((facet) => [facet, sorted(counts[facet])])) as Record<
    CountedFacet,
    Facet
  >
  const classes: readonly string[] = SIZE_CLASS_NAMES
  return {
    total,
    facets: { ...facets, size: facets.size.toSorted((a, b) => classes.indexOf(a.value) - classes.indexOf(b.value)) },
  }
}

function valuesOf(combination: Combination, facet: CountedFacet): readonly string[] {
  if (facet === 'measured_gpu') return combination.gpus
  const value = combination[facet]
  return value === null ? [] : [value]
}

const sorted = (counts: ReadonlyMap<string, number>): Facet =>
  [...counts]
    .map(([value, count]) => ({ value, count }))
    .sort((a, b) => b.count - a.count || (a.value < b.value ? -1 : 1))
