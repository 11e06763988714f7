/** `bud model list`: the catalogue and the registry, filtered, page by page. */
import type { ModelPage, ModelSummary } from '@bud/contract'
import { invalidInput } from '@bud/kernel'
import { number, wholeOption } from '../numbers.ts'
import { heading, parameters, table, trim } from '../output.ts'
import { type Answer, type Cli, text, type Values, type VerbSpec } from '../verb.ts'

const LIST_LIMIT = 50
const PAGE_LIMIT = 200

export const listVerb: VerbSpec = {
  use: 'list',
  summary: 'Registered models and catalogue entries, filtered',
  options: [
    ['--search <text>', 'words of name, architecture, tags and model card'],
    ['--origin <origin>', 'registered or catalogue'],
    ['--kind <kind>', 'model or adapter'],
    ['--size <classes>', '1b, 7b, 13b, 34b, 70b, 200b, 405b; several with commas'],
    ['--parameters-min <n>', 'e.g. 3e9'],
    ['--parameters-max <n>', 'e.g. 80e9'],
    ['--active-min <n>', 'active parameters, of mixtures of experts'],
    ['--active-max <n>', 'active parameters, of mixtures of experts'],
    ['--architecture <names>', 'prefixes: qwen finds qwen2 and qwen3'],
    ['--context-min <tokens>', 'context length'],
    ['--licence <ids>', 'e.g. Apache-2.0,MIT'],
    ['--licence-class <classes>', 'permissive, conditional, non-commercial, unknown'],
    ['--modality <names>', 'text, vision-language, audio, embedding, reranker, image, other'],
    ['--state <states>', 'available, quarantined, scan-incomplete …'],
    ['--tag <tags>', 'has all of them'],
    ['--fits-cluster <cluster>', 'one replica fits when all its GPUs are free'],
    ['--gpu <type>', 'publicly measured on it, e.g. H100'],
    ['--min-tok-s <n>', 'measured: output tokens per second and GPU'],
    ['--max-ttft-ms <n>', 'measured: time to first token'],
    ['--benchmark <name>', 'has a score, e.g. mmlu'],
    ['--score-min <n>', 'of --benchmark'],
    ['--sort <order>', 'relevance, newest, name, smallest, largest, context, speed'],
    ['--facets', 'count the values of every filter'],
    ['--limit <n>', 'how many at most', String(LIST_LIMIT)],
    ['--all', 'all of them, page by page'],
  ],
  examples: [
    'model list --search "qwen coder" --licence-class permissive --context-min 32768',
    'model list --size 7b,13b --gpu H100 --min-tok-s 1000 --sort speed',
    'model list --fits-cluster demo --benchmark mmlu --score-min 70 --facets',
  ],
  run: listModels,
}

async function listModels(cli: Cli, _args: string[], options: Values): Promise<Answer> {
  const all = options.all === true
  const { client } = cli
  const query = { ...(await readFilters(options)), limit: all ? PAGE_LIMIT : readLimit(options) }
  const first = await client.models.list({ ...query, facets: options.facets === true })
  const items = [...first.items]
  let cursor = first.next_cursor
  while (all && cursor !== null) {
    const page = await client.models.list({ ...query, cursor })
    items.push(...page.items)
    cursor = page.next_cursor
  }
  const page = { ...first, items, next_cursor: cursor }
  return { data: page, text: describePage(page, text(options, 'search')) }
}

function readLimit(options: Values): number {
  const limit = wholeOption(options, 'limit', '--limit') ?? LIST_LIMIT
  if (limit < 1 || limit > PAGE_LIMIT)
    throw invalidInput(`--limit is from 1 to ${PAGE_LIMIT}, not ${limit}; --all shows every model.`)
  return limit
}

async function readFilters(options: Values) {
  const { ListModels } = await import('@bud/contract')
  const { origin, kind, sort } = ListModels.shape
  return {
    search: text(options, 'search'),
    origin: choice(options, 'origin', origin.unwrap()),
    kind: choice(options, 'kind', kind.unwrap()),
    architecture: text(options, 'architecture'),
    size: text(options, 'size'),
    parameters_min: number(options, 'parametersMin', '--parameters-min'),
    parameters_max: number(options, 'parametersMax', '--parameters-max'),
    active_parameters_min: number(options, 'activeMin', '--active-min'),
    active_parameters_max: number(options, 'activeMax', '--active-max'),
    context_min: number(options, 'contextMin', '--context-min'),
    licence: text(options, 'licence'),
    licence_class: text(options, 'licenceClass'),
    modality: text(options, 'modality'),
    state: text(options, 'state'),
    tag: text(options, 'tag'),
    fits_cluster: text(options, 'fitsCluster'),
    measured_gpu: text(options, 'gpu'),
    output_tok_s_per_gpu_min: number(options, 'minTokS', '--min-tok-s'),
    ttft_ms_max: number(options, 'maxTtftMs', '--max-ttft-ms'),
    benchmark: text(options, 'benchmark'),
    score_min: number(options, 'scoreMin', '--score-min'),
    sort: choice(options, 'sort', sort.unwrap()),
  }
}

interface Choices<T extends string> {
  options: readonly T[]
}

function choice<T extends string>(options: Values, name: string, { options: known }: Choices<T>): T | undefined {
  const value = text(options, name)
  if (value === undefined) return undefined
  const found = known.find((one) => one === value)
  if (found === undefined) throw invalidInput(`--${name} is one of ${known.join(', ')}, not "${value}".`)
  return found
}

function describePage(page: ModelPage, search: string | undefined): string {
  if (page.items.length === 0) return search === undefined ? 'No model matches.' : `No model matches "${search}".`
  const headers = ['NAME', 'VERSION', 'PARAMETERS', 'ARCHITECTURE', 'CONTEXT', 'LICENCE', 'TOK/S PER GPU', 'STATE']
  const lines = [table(headers, page.items.map(rowOf))]
  if (page.next_cursor !== null)
    lines.push(`… ${page.items.length} of ${page.total}; narrow it with filters, or take --all.`)
  if (page.facets) lines.push('', describeFacets(page.facets))
  return lines.join('\n')
}

const rowOf = (model: ModelSummary) => [
  model.name,
  model.version === null ? null : [`@${model.version}`, ...model.aliases].join(' '),
  sizeOf(model),
  model.architecture,
  model.context_length,
  licenceOf(model.licence),
  model.measured && `${trim(model.measured.output_tok_s_per_gpu)} on ${model.measured.gpu}`,
  model.origin === 'catalogue' ? 'catalogue' : model.state.name,
]

export function sizeOf(model: Pick<ModelSummary, 'parameter_count' | 'active_parameter_count'>): string {
  const { parameter_count: total, active_parameter_count: active } = model
  return active !== null && total !== null && active < total
    ? `${parameters(total)} (${parameters(active)} active)`
    : parameters(total)
}

export const licenceOf = (licence: ModelSummary['licence']): string | null =>
  licence && `${licence.id}${licence.class === 'permissive' ? '' : ` (${licence.class})`}`

const describeFacets = (facets: NonNullable<ModelPage['facets']>): string =>
  Object.entries(facets)
    .filter(([, values]) => values.length > 0)
    .map(
      ([name, values]) =>
        `${heading(name.replaceAll('_', ' '))}: ${values.map(({ value, count }) => `${value} ${count}`).join(', ')}`,
    )
    .join('\n')
