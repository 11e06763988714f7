/** What people ask a list of models, each kind with words and values that change from call to call. */
import type { TestListing } from '@bud/budmodel/testing/test-listing'

type Asked = Parameters<TestListing['list']>[1]

export interface Question {
  input: Asked
  /** Rows before this one are shown already: the peer's cursor. */
  deepId?: number
}

interface Kind {
  what: string
  /** Question number `at` of its kind; `deepCursor` is that of a page far back. */
  ask: (at: number, deepCursor: string) => Asked
  deep?: boolean
}

const FAMILIES = ['qwen', 'llama', 'mistral', 'mixtral', 'gemma', 'deepseek'] as const
const TEAMS = ['search', 'support', 'legal', 'risk', 'claims', 'fraud'] as const
const TASKS = ['summary', 'chat', 'extract', 'classify', 'translate', 'code'] as const
const SIZES = ['7b', '13b', '70b', '7b,13b', '34b,70b', '200b'] as const
const at = <T>(items: readonly T[], place: number): T => items[place % items.length] as T

export const KINDS: readonly Kind[] = [
  { what: 'first page', ask: () => ({}) },
  { what: 'first page with facets', ask: () => ({ facets: true }) },
  { what: 'search', ask: (n) => ({ search: `${at(FAMILIES, n)} ${at(TASKS, n + 1)}` }) },
  { what: 'search with facets', ask: (n) => ({ search: at(TEAMS, n), facets: true }) },
  { what: 'several filters with facets', ask: (n) => ({ ...filters(n), facets: true }) },
  { what: 'sorted by name', ask: () => ({ sort: 'name' }) },
  { what: 'a page far back', ask: (_, cursor) => ({ cursor }), deep: true },
  {
    what: 'fast on H100, fastest first',
    ask: () => ({ measured_gpu: 'H100', output_tok_s_per_gpu_min: 500, sort: 'speed' }),
  },
]

const filters = (n: number): Asked => ({
  architecture: `${at(FAMILIES, n)},${at(FAMILIES, n + 2)}`,
  size: at(SIZES, n),
  licence_class: 'permissive,conditional',
  state: 'available',
})
