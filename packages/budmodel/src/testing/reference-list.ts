/** What a list has to answer, read off the models one by one; and random models and questions to compare on. */
import type { GpuCatalogue } from '@bud/budsim'
import { type ModelFacts, ModelVersionStateName } from '@bud/kernel'
import fc from 'fast-check'
import type { CatalogueEntry, CatalogueModel } from '../domain/listing/catalogue.ts'
import type { MeasuredServing } from '../domain/listing/measured-figures.ts'
import { MODALITIES } from '../domain/listing/modality.ts'
import type { ListModels } from '../domain/listing/model-filter.ts'
import { searchTerms } from '../domain/listing/search-terms.ts'
import { shapeKeyOf } from '../domain/listing/shape-key.ts'
import { SIZE_CLASSES } from '../domain/listing/sizes.ts'
import type { ModelFacets } from '../services/listing/count-models.ts'
import type { ListedModel } from './listed-models.ts'

export type Question = Omit<ListModels, 'limit' | 'cursor' | 'facets'>

export interface Reference {
  list(input: Question): { names: string[]; facets: ModelFacets }
}

interface Row {
  name: string
  origin: 'registered' | 'catalogue'
  kind: string
  state: string
  facts: ModelFacts | null
  modality: string
  licence: { id: string; class: string } | null
  tags: string[]
  terms: string[]
  scores: { benchmark: string; score: number }[]
  /** Serving rows of its very shape. */
  measured: MeasuredServing[]
  newest: number
}

interface Known {
  entries: readonly CatalogueEntry[]
  rows: readonly MeasuredServing[]
  gpus: GpuCatalogue
  fits: (facts: ModelFacts) => boolean
}

export function createReference(listed: readonly ListedModel[], { entries, rows, gpus, fits }: Known): Reference {
  const taken = new Set(listed.map(({ name }) => name))
  const shapes = new Map(entries.map(({ name, facts }) => [name, shapeKeyOf(facts)]))
  const serving = rows.filter(({ row }) => row.scenario !== 'static-batch')
  const byShape = Map.groupBy(serving, ({ row }) => shapes.get(row.model))
  const measuredOf = (facts: ModelFacts | null) => (facts ? (byShape.get(shapeKeyOf(facts)) ?? []) : [])
  const all: Row[] = [
    ...listed.map((one, at): Row => {
      const tags = [...new Set([...one.tags, ...one.cardTags])]
      const terms = searchTerms(one.name, one.facts?.architecture, ...tags, one.description)
      const measured = measuredOf(one.facts)
      return { ...one, origin: 'registered', tags, terms, scores: one.benchmarks, measured, newest: -at }
    }),
    ...entries
      .filter(({ name }) => !taken.has(name))
      .map((entry, at): Row => {
        const { name, facts, tags, modality, licence } = entry
        const terms = searchTerms(name, facts.architecture, ...tags)
        const fixed = { origin: 'catalogue', kind: 'model', state: 'available', newest: at } as const
        const measured = measuredOf(facts)
        return { ...fixed, scores: [], name, facts, tags, terms, modality, licence: licence?.licence ?? null, measured }
      }),
  ]
  return {
    list(input) {
      const passes = passesOf(input, gpus, fits)
      const rowsPassing = (but?: string) =>
        all.filter((row) => Object.entries(passes).every(([name, pass]) => name === but || pass(row)))
      const facet = (name: keyof ModelFacets, valuesOf: (row: Row) => string[]) => count(rowsPassing(name), valuesOf)
      return {
        names: sorted(rowsPassing(), input, gpus).map(({ name }) => name),
        facets: {
          origin: facet('origin', ({ origin }) => [origin]),
          kind: facet('kind', ({ kind }) => [kind]),
          architecture: facet('architecture', ({ facts }) => (facts ? [facts.architecture] : [])),
          size: facet('size', sizeOf).toSorted((a, b) => placeOfSize(a.value) - placeOfSize(b.value)),
          licence: facet('licence', ({ licence }) => (licence ? [licence.id] : [])),
          licence_class: facet('licence_class', (row) => [classOf(row)]),
          modality: facet('modality', ({ modality }) => [modality]),
          state: facet('state', ({ state }) => [state]),
          tag: facet('tag', ({ tags }) => tags).slice(0, 100),
          benchmark: facet('benchmark', ({ scores }) => scores.map(({ benchmark }) => benchmark)),
          measured_gpu: facet('measured_gpu', ({ measured }) =>
            measured.filter((one) => holds(one, input, undefined)).map(({ row }) => row.gpu),
          ),
        },
      }
    },
  }
}

const several = (text: string | undefined): string[] | undefined => text?.toLowerCase().split(',')
const classOf = ({ licence }: Row): string => licence?.class ?? 'unknown'
const placeOfSize = (name: string): number => SIZE_CLASSES.findIndex((one) => one.name === name)
const sizeOf = ({ facts }: Row): string[] =>
  facts ? [SIZE_CLASSES.findLast(({ min }) => facts.parameter_count >= min)?.name ?? ''] : []
const perGpu = ({ row, measured }: MeasuredServing): number =>
  Math.round(((measured.output_tok_s ?? 0) / row.num_gpus) * 100) / 100

const typesOf = (name: string | undefined, gpus: GpuCatalogue): string[] | undefined =>
  name === undefined ? undefined : gpus.resolve(name).map(({ id }) => id)

function holds(one: MeasuredServing, limits: Question, on: readonly string[] | undefined): boolean {
  const { output_tok_s_per_gpu_min: speed = 0, ttft_ms_max: ttft } = limits
  return (
    (on?.includes(one.row.gpu) ?? true) &&
    perGpu(one) >= speed &&
    (ttft === undefined || (one.measured.ttft_ms !== null && one.measured.ttft_ms <= ttft))
  )
}

function passesOf(
  input: Question,
  gpus: GpuCatalogue,
  fits: (facts: ModelFacts) => boolean,
): Record<string, (row: Row) => boolean> {
  const named = (wanted: string[] | undefined, values: string[]) =>
    wanted === undefined || values.some((value) => wanted.includes(value.toLowerCase()))
  const within = (value: number | null | undefined, least?: number, most?: number) =>
    (least === undefined && most === undefined) ||
    (typeof value === 'number' && value >= (least ?? 0) && value <= (most ?? Number.POSITIVE_INFINITY))
  const on = typesOf(input.measured_gpu, gpus)
  const asksMeasured = [input.measured_gpu, input.output_tok_s_per_gpu_min, input.ttft_ms_max].some(
    (value) => value !== undefined,
  )
  return {
    origin: ({ origin }) => input.origin === undefined || origin === input.origin,
    kind: ({ kind }) => input.kind === undefined || kind === input.kind,
    architecture: ({ facts }) =>
      several(input.architecture)?.some((prefix) => facts?.architecture.startsWith(prefix)) ?? true,
    size: (row) => named(several(input.size), sizeOf(row)),
    licence: ({ licence }) => named(several(input.licence), licence ? [licence.id] : []),
    licence_class: (row) => named(several(input.licence_class), [classOf(row)]),
    modality: ({ modality }) => named(several(input.modality), [modality]),
    state: ({ state }) => named(several(input.state), [state]),
    tag: ({ tags }) => input.tag?.split(',').every((tag) => tags.includes(tag)) ?? true,
    benchmark: ({ scores }) =>
      input.benchmark === undefined ||
      scores.some(
        ({ benchmark, score }) =>
          benchmark.toLowerCase() === input.benchmark?.toLowerCase() && score >= (input.score_min ?? -1),
      ),
    measured_gpu: ({ measured }) => !asksMeasured || measured.some((one) => holds(one, input, on)),
    search: ({ terms }) => searchTerms(input.search).every((word) => terms.some((term) => term.startsWith(word))),
    fits: ({ facts }) => input.fits_cluster === undefined || (facts !== null && fits(facts)),
    ranges: ({ facts }) =>
      within(facts?.parameter_count, input.parameters_min, input.parameters_max) &&
      within(facts?.active_parameter_count, input.active_parameters_min, input.active_parameters_max) &&
      within(facts?.context_length, input.context_min),
  }
}

function count(rows: readonly Row[], valuesOf: (row: Row) => string[]) {
  const counts = new Map<string, number>()
  for (const value of rows.flatMap((row) => [...new Set(valuesOf(row))])) {
    counts.set(value, (counts.get(value) ?? 0) + 1)
  }
  return [...counts]
    .map(([value, count]) => ({ value, count }))
    .sort((a, b) => b.count - a.count || (a.value < b.value ? -1 : 1))
}

function sorted(rows: readonly Row[], input: Question, gpus: GpuCatalogue): Row[] {
  const compare = (a: string | number, b: string | number) => (a < b ? -1 : a > b ? 1 : 0)
  const on = typesOf(input.measured_gpu, gpus)
  const speedOf = ({ measured }: Row) => Math.max(0, ...measured.filter((one) => holds(one, {}, on)).map(perGpu))
  const wordsOf = (name: string) => searchTerms(name).join(' ')
  const missOf = ({ name }: Row) =>
    wordsOf(name) === wordsOf(input.search ?? '')
      ? 0
      : searchTerms(input.search).every((word) => name.toLowerCase().includes(word))
        ? 1
        : 2
  const newest = (row: Row) => [row.origin === 'registered' ? 0 : 1, row.newest]
  const unknown = Number.POSITIVE_INFINITY
  const keysOf = (row: Row): (string | number)[] => {
    switch (input.sort ?? (input.search === undefined ? 'newest' : 'relevance')) {
      case 'newest':
        return newest(row)
      case 'relevance':
        return input.search === undefined ? newest(row) : [missOf(row), ...newest(row)]
      case 'name':
        return [row.name.toLowerCase(), row.name]
      case 'smallest':
        return [row.facts?.parameter_count ?? unknown, row.name]
      case 'largest':
        return [row.facts ? -row.facts.parameter_count : unknown, row.name]
      case 'context':
        return [row.facts?.context_length ? -row.facts.context_length : unknown, row.name]
      case 'speed':
        return [speedOf(row) > 0 ? -speedOf(row) : unknown, row.name]
    }
  }
  return [...rows].sort((a, b) => {
    const [left, right] = [keysOf(a), keysOf(b)]
    return left.map((key, at) => compare(key, right[at] ?? '')).find((order) => order !== 0) ?? 0
  })
}

const LICENCES = [
  { id: 'MIT', name: 'MIT License', class: 'permissive' },
  { id: 'Apache-2.0', name: 'Apache License 2.0', class: 'permissive' },
  { id: 'gemma', name: 'Gemma Terms of Use', class: 'conditional' },
  { id: 'CC-BY-NC-4.0', name: 'CC BY-NC 4.0', class: 'non-commercial' },
] as const
const TAGS = ['team:a', 'team:b', 'chat', 'Eval', 'en'] as const
const WORDS = ['acme', 'chat', 'Qwen3', 'legal', '7b', 'v1.5', 'Große'] as const
const BENCHMARKS = ['MMLU', 'GSM8K', 'IFEval'] as const

export const anyListed = (known: readonly CatalogueModel[]): fc.Arbitrary<ListedModel> =>
  fc.record({
    name: fc
      .array(fc.constantFrom('acme', 'chat', 'Legal', 'v2', 'B', 'b'), { minLength: 1, maxLength: 3 })
      .map((words) => `${words.join('-')}-`),
    kind: fc.constantFrom('model', 'model', 'adapter'),
    state: fc.constantFrom('available', 'available', ...ModelVersionStateName.options),
    facts: fc.option(fc.constantFrom(...known.map(({ facts }) => facts)), { freq: 8, nil: null }),
    modality: fc.constantFrom('text', 'text', ...MODALITIES),
    licence: fc.option(fc.constantFrom(...LICENCES), { nil: null }),
    tags: fc.uniqueArray(fc.constantFrom(...TAGS), { maxLength: 3 }),
    cardTags: fc.uniqueArray(fc.constantFrom(...TAGS), { maxLength: 2 }),
    description: fc.array(fc.constantFrom(...WORDS), { maxLength: 4 }).map((words) => words.join(' ')),
    versionCount: fc.integer({ min: 1, max: 3 }),
    benchmarks: fc
      .uniqueArray(fc.constantFrom(...BENCHMARKS), { maxLength: 2 })
      .chain((names) =>
        fc.tuple(
          ...names.map((benchmark) =>
            fc.record({ benchmark: fc.constant(benchmark), score: fc.integer({ min: 0, max: 100 }) }),
          ),
        ),
      ),
  })

export function anyQuery(known: readonly CatalogueModel[]): fc.Arbitrary<Question> {
  const rarely = <T>(value: fc.Arbitrary<T>) => fc.option(value, { freq: 1, nil: undefined })
  const some = (...values: readonly [string, ...string[]]) =>
    rarely(fc.uniqueArray(fc.constantFrom(...values), { minLength: 1, maxLength: 3 }).map((list) => list.join(',')))
  const [first = '', ...others] = new Set(known.map(({ facts }) => facts.architecture.slice(0, 5)))
  const parameters = fc.constantFrom(1e9, 7e9, 8.03e9, 30e9, 70e9)
  return fc
    .record({
      search: rarely(
        fc
          .array(fc.constantFrom('acme', 'CHA', 'qwen', '7b', 'große', 'llama', 'v1.'), { minLength: 1, maxLength: 2 })
          .map((words) => words.join(' ')),
      ),
      origin: rarely(fc.constantFrom('catalogue', 'registered')),
      kind: rarely(fc.constantFrom('model', 'adapter')),
      architecture: some(first, ...others),
      size: some('1b', '7b', '13b', '34b', '70b', '200b', '405b'),
      parameters_min: rarely(parameters),
      parameters_max: rarely(parameters),
      active_parameters_min: rarely(parameters),
      active_parameters_max: rarely(parameters),
      context_min: rarely(fc.constantFrom(4096, 32_768, 131_072)),
      licence: some('mit', 'apache-2.0', 'gemma'),
      licence_class: some('permissive', 'conditional', 'non-commercial', 'unknown'),
      modality: some('text', 'audio', 'embedding'),
      state: some('available', 'archived', 'quarantined'),
      tag: some(...TAGS),
      fits_cluster: rarely(fc.constant('a cluster')),
      measured_gpu: rarely(fc.constantFrom('H100', 'B200', 'A100-SXM-80GB')),
      output_tok_s_per_gpu_min: rarely(fc.constantFrom(100, 500, 2000)),
      ttft_ms_max: rarely(fc.constantFrom(100, 500, 2000)),
      benchmark: rarely(fc.constantFrom('MMLU', 'gsm8k')),
      score_min: rarely(fc.constantFrom(20, 60)),
      sort: rarely(fc.constantFrom('relevance', 'newest', 'name', 'smallest', 'largest', 'context', 'speed')),
    })
    .chain((question) =>
      fc.shuffledSubarray(Object.keys(question), { maxLength: 4 }).map((kept) => keep(question, kept)),
    )
}

/** A few filters at a time: all at once leave nothing. */
function keep(question: Question, kept: readonly string[]): Question {
  const asked = Object.fromEntries(Object.entries(question).filter(([field]) => kept.includes(field)))
  return asked.benchmark === undefined ? { ...asked, score_min: undefined } : asked
}
