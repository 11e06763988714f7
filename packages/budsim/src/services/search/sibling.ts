/** The guide's "start small": what the next smaller model of the family would do under the same limits. */
import type { ModelFacts, SmallerSibling } from '@bud/kernel'
import type { SearchQuery, SearchResult } from './search-types.ts'

/** `search` is the same search as the model's own. */
export function searchSibling(
  query: SearchQuery,
  { name, facts }: { name: string; facts: ModelFacts },
  search: (query: SearchQuery) => SearchResult,
): SmallerSibling {
  const { candidates, feasible } = search({ ...query, facts, sibling: undefined })
  return { model: name, parameter_count: facts.parameter_count, feasible, candidate: candidates[0] ?? null }
}
