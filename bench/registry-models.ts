/** Ten thousand models as a large company's registry would hold them: few architectures, many fine-tunes of each. */
import type { ListedModel } from '@bud/budmodel/testing/listed-models'
import type { loadReferenceData } from '@bud/budsim/adapters/reference-data'
import type { ModelVersionStateName } from '@bud/kernel'

type CatalogueModel = ReturnType<typeof loadReferenceData>['models'][number]

/** Mulberry32: the same models each time. */
export function createRandom(seed: number) {
  let state = seed
  const next = () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  const pick = <T>(items: readonly [T, ...T[]]): T => items[Math.floor(next() * items.length)] ?? items[0]
  /** Early items more often than late ones. */
  const pickEarly = <T>(items: readonly [T, ...T[]]): T => items[Math.floor(next() ** 2 * items.length)] ?? items[0]
  return { next, pick, pickEarly }
}

const STATES: readonly [ModelVersionStateName, ...ModelVersionStateName[]] = [
  'available',
  ...Array.from({ length: 15 }, () => 'available' as const),
  'archived',
  'scan-incomplete',
  'quarantined',
  'importing',
]
const TEAMS = [
  'search',
  'support',
  'legal',
  'risk',
  'claims',
  'fraud',
  'hr',
  'marketing',
  'research',
  'platform',
] as const
const TASKS = [
  'summary',
  'chat',
  'extract',
  'classify',
  'translate',
  'code',
  'rerank',
  'answers',
  'intent',
  'redact',
] as const
const WORDS =
  'fine tuned on internal tickets and published data for customers in several languages with careful evaluation of safety accuracy latency quality instruction following long context reasoning tools retrieval medical finance insurance banking retail energy public sector contracts invoices mails calls notes reports tables questions entities sentiment topics german french spanish japanese hindi'.split(
    ' ',
  ) as [string, ...string[]]
const LICENCES: readonly [
  NonNullable<ListedModel['licence']> | null,
  ...(NonNullable<ListedModel['licence']> | null)[],
] = [
  { id: 'Apache-2.0', name: 'Apache License 2.0', class: 'permissive' },
  { id: 'llama-3.1-community', name: 'Llama 3.1 Community License', class: 'conditional' },
  { id: 'MIT', name: 'MIT License', class: 'permissive' },
  { id: 'gemma', name: 'Gemma Terms of Use', class: 'conditional' },
  { id: 'qwen', name: 'Qwen License', class: 'conditional' },
  null,
  { id: 'CC-BY-NC-4.0', name: 'CC BY-NC 4.0', class: 'non-commercial' },
  { id: 'openrail', name: 'OpenRAIL', class: 'conditional' },
]
const BENCHMARKS = ['MMLU', 'GSM8K', 'HumanEval', 'MT-Bench', 'IFEval', 'internal-quality'] as const

export function createListedModels(count: number, catalogue: readonly CatalogueModel[], seed = 2026): ListedModel[] {
  const random = createRandom(seed)
  const [first, ...others] = catalogue
  if (!first) throw new RangeError('The catalogue is empty.')
  const bases = [first, ...others] as const
  return Array.from({ length: count }, (_, index) => {
    const base = random.pickEarly(bases)
    const [team, task] = [random.pick(TEAMS), random.pick(TASKS)]
    const state = random.pick(STATES)
    const adapter = random.next() < 0.15
    const family = base.name.slice(base.name.lastIndexOf('/') + 1)
    const quantised = random.next() < 0.3
    const facts = quantised ? { ...base.facts, weight_precision: 'int4' as const } : base.facts
    return {
      name: `${team}/${family}-${task}-${index}`,
      kind: adapter ? 'adapter' : 'model',
      state,
      facts: state === 'importing' ? null : facts,
      modality: random.next() < 0.9 ? 'text' : random.pick(['vision-language', 'embedding', 'audio'] as const),
      licence: random.pickEarly(LICENCES),
      tags: [`team:${team}`, ...(random.next() < 0.4 ? [`task:${task}`] : [])],
      cardTags: [base.facts.architecture, random.pick(['en', 'de', 'fr', 'multilingual'] as const)],
      description: Array.from({ length: 30 }, () => random.pickEarly(WORDS)).join(' '),
      versionCount: 1 + Math.floor(random.next() ** 3 * 6),
      benchmarks:
        random.next() < 0.3
          ? [{ benchmark: random.pick(BENCHMARKS), score: Math.round(random.next() * 1000) / 10 }]
          : [],
    }
  })
}
