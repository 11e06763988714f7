/** One model, or one version of it, for people: what `bud model get` prints. */
import type { ModelDetail, ModelVersion } from '@bud/contract'
import { ago, bytes, type Cell, fields, heading, reasons, table, trim } from '../output.ts'
import type { Answer } from '../verb.ts'
import { licenceOf, sizeOf } from './list-models.ts'

const SHOWN_FIGURES = 5
const SHOWN_BENCHMARKS = 12

/** Exit code 1 when the version shown cannot be deployed for what its import or scan says. */
export function showModel(model: ModelDetail): Answer {
  const blocked = ['quarantined', 'scan-incomplete', 'failed'].includes(model.state.name)
  return { data: model, text: describeModel(model), ...(blocked ? { exitCode: 1 } : {}) }
}

function describeModel(model: ModelDetail): string {
  const sections = [
    [heading(titleOf(model)), ...(model.description ? [model.description] : []), fields(factsOf(model))],
    model.state.reasons.length > 0 ? [reasons(model.state.reasons)] : [],
    model.conflicts.length > 0
      ? ['The request claimed otherwise than the files say (the files count):', reasons(model.conflicts)]
      : [],
    findingsOf(model),
    licenceLines(model),
    model.versions.length > 1 ? [describeVersions(model.versions)] : [],
    figureLines(model),
    benchmarkLines(model),
    model.sources.length > 0 ? [heading('Sources'), ...model.sources.map((source) => `  • ${source}`)] : [],
  ]
  return sections
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n')
}

const titleOf = ({ name, version, aliases, tags }: ModelDetail): string =>
  [`${name}${version === null ? '' : `@${version}`}`, ...aliases, ...tags.map((tag) => `#${tag}`)].join('  ')

function factsOf(model: ModelDetail): Array<[string, Cell]> {
  const { facts, lineage, derived } = model
  const pairs: Array<[string, Cell]> = [
    ['state', stateText(model)],
    ['origin', originOf(model)],
    [
      'architecture',
      facts?.architecture_class ? `${model.architecture} (${facts.architecture_class})` : model.architecture,
    ],
    ['parameters', sizeOf(model)],
    ['context', model.context_length],
    [
      'weights',
      facts?.weight_bytes
        ? `${bytes(facts.weight_bytes)} in ${facts.weight_precision}`
        : (facts?.weight_precision ?? null),
    ],
    ['modality', model.modality],
    ['licence', licenceOf(model.licence)],
    ['files', model.file_count > 0 ? `${model.file_count} files, ${bytes(model.total_bytes)}` : null],
    ['digest', model.digest],
    ['scan', scanText(model)],
    ['tokenizer', tokenizerOf(model)],
    ['made from', lineage.map((one) => `${one.name} (${one.relation})`).join(', ') || null],
    ['made from it', derived.map((one) => `${one.name} (${one.relation})`).join(', ') || null],
    ['fits on', fitsOf(model)],
    ['used by', model.used_by.map((user) => user.endpoint_name).join(', ') || 'nobody'],
    ['id', model.id],
  ]
  const always = ['context', 'weights', 'scan', 'licence']
  return pairs.filter(([label, value]) => value !== null || always.includes(label))
}

const stateText = ({ state, rescanning }: ModelDetail): string =>
  `${state.name} since ${ago(state.since)}${rescanning ? ', is being scanned again' : ''}`

function originOf({ origin, source_path, pinned_source, registered_by }: ModelDetail): string {
  if (origin === 'catalogue') return 'catalogue entry: an architecture without files'
  const pinned = pinned_source !== null && pinned_source !== source_path ? ` (${pinned_source})` : ''
  return `registered from ${source_path}${pinned}${registered_by === null ? '' : ` by ${registered_by}`}`
}

const scanText = ({ scan }: ModelDetail): string | null =>
  scan && `${scan.verdict}, ${scan.findings.length} ${scan.findings.length === 1 ? 'finding' : 'findings'}`

function tokenizerOf({ tokenizer }: ModelDetail): string | null {
  if (!tokenizer) return null
  const { kind, vocab_size, chat_template } = tokenizer
  return [
    kind,
    vocab_size === null ? null : `${vocab_size} tokens`,
    chat_template ? 'with a chat template' : 'no chat template',
  ]
    .filter((part) => part !== null)
    .join(', ')
}

function fitsOf({ fits }: ModelDetail): string | null {
  if (fits.length === 0) return null
  const told = fits.map((one) =>
    one.fits
      ? `${one.cluster_name} (${one.gpu_count} × ${one.gpu_type}${one.fits_now ? '' : ', not now'})`
      : `not ${one.cluster_name}`,
  )
  return told.join(', ')
}

/** But for those that the state's reasons tell already. */
function findingsOf({ scan, state }: ModelDetail): string[] {
  const told = new Set(state.reasons.map(({ message }) => message))
  const findings = scan?.findings.filter(({ action, message }) => action !== 'info' && !told.has(message)) ?? []
  return findings.length === 0
    ? []
    : [
        reasons(
          findings.map((finding) => ({
            message: `${finding.action}: ${finding.message}`,
            path: finding.path,
            evidence: finding.evidence ?? undefined,
          })),
        ),
      ]
}

function licenceLines({ licence_detail: licence, licence_verdicts }: ModelDetail): string[] {
  const verdicts = licence_verdicts.filter(({ action }) => action !== 'allow')
  if (!licence && verdicts.length === 0) return []
  const lines: string[] = []
  if (licence) {
    const from = licence.from === null ? '' : ` from ${licence.from}`
    lines.push(`${heading('Licence')}: ${licence.name}, by ${licence.source}${from}: "${licence.evidence}"`)
    lines.push(...licence.conditions.map(({ text }) => `  • ${text}`))
  }
  for (const { stage, action, reasons: why } of verdicts)
    lines.push(`  ${action}s ${stage}${why.length > 0 ? `: ${why.map(firstSentence).join(' ')}` : ''}`)
  return lines
}

/** The conditions, which may follow, stand above. */
const firstSentence = ({ message }: { message: string }): string => message.split(/(?<=\.)\s/)[0] ?? message

export const describeVersions = (versions: readonly ModelVersion[]): string =>
  table(
    ['VERSION', 'ALIASES', 'STATE', 'FILES', 'SIZE', 'USED BY', 'REGISTERED', 'FROM'],
    versions.map((one) => [
      `@${one.number}`,
      one.aliases.join(', '),
      one.state.name,
      one.file_count,
      bytes(one.total_bytes),
      one.used_by,
      `${ago(one.created_at)} by ${one.registered_by}`,
      one.source_path,
    ]),
  )

function figureLines({ measured_figures: figures, measured_as }: ModelDetail): string[] {
  if (figures.length === 0) return []
  const rows = figures
    .slice(0, SHOWN_FIGURES)
    .map((one) => [
      `${one.gpu_count} × ${one.gpu}`,
      [one.engine, one.engine_version].filter(Boolean).join(' '),
      one.precision,
      one.concurrency,
      one.output_tok_s_per_gpu === null ? null : Number(trim(one.output_tok_s_per_gpu)),
      one.ttft_ms === null ? null : Number(trim(one.ttft_ms)),
      one.source,
    ])
  const more = figures.length > SHOWN_FIGURES ? [`… ${figures.length - SHOWN_FIGURES} more with --json.`] : []
  return [
    `${heading('Measured')}${measured_as === null ? '' : ` (of ${measured_as})`}:`,
    table(['GPUS', 'ENGINE', 'PRECISION', 'CONCURRENCY', 'TOK/S PER GPU', 'TTFT MS', 'SOURCE'], rows),
    ...more,
  ]
}

function benchmarkLines({ benchmarks }: ModelDetail): string[] {
  if (benchmarks.length === 0) return []
  const rows = benchmarks.slice(0, SHOWN_BENCHMARKS).map((one) => [one.benchmark, one.metric, one.score, one.source])
  return [`${heading('Benchmarks')}:`, table(['BENCHMARK', 'METRIC', 'SCORE', 'SOURCE'], rows)]
}
