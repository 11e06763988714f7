/** `bud sim optimize --request` or `--gpus`: a search on GPUs that are stated, on this machine. */
import { dirname, resolve } from 'node:path'
import { invalidInput, type Workload } from '@bud/kernel'
import { type Answer, type Terminal, text, type Values } from '../verb.ts'
import { openPredictor, openSimulator } from './compose.ts'
import { nameOf, readJson, readTraceFile } from './files.ts'
import { readModelArgument } from './model-argument.ts'
import { dropUnstated, overlayLoad, readSearch, readTargets, statedLoad } from './options.ts'
import { describeSearch } from './search-view.ts'

type Fields = Record<string, unknown>

export async function optimizeHere({ say }: Terminal, options: Values): Promise<Answer> {
  const [simulator, request] = await Promise.all([openSimulator(), readRequest(options, say)])
  const { budsim } = simulator
  const { model, query, notes } = budsim.resolveRequest(request, simulator)
  notes.forEach(say)
  const result = budsim.searchConfigurations({ ...query, predictor: await openPredictor(simulator) })
  const { workload, targets, objective, nodes } = query
  const data = { model: { name: model.name }, nodes, workload, targets, objective, ...result }
  const place = placeOf(nodes)
  const view = describeSearch({ ...result, model, place, targets })
  const next = result.feasible ? '\n\n--json prints the deployment document of each; "deploy -f" takes it.' : ''
  return { data, text: `${view}${next}`, ...(result.feasible ? {} : { exitCode: 1 }) }
}

function placeOf(nodes: ReadonlyArray<{ gpu_type: string; free: number }>): string {
  const counts = new Map<string, number>()
  for (const { gpu_type, free } of nodes) counts.set(gpu_type, (counts.get(gpu_type) ?? 0) + free)
  return [...counts].map(([type, count]) => `${count} × ${type}`).join(' + ')
}

/** The file with the flags laid over it; unresolved, for budsim names every problem. */
async function readRequest(options: Values, say: Terminal['say']): Promise<Fields> {
  const file = text(options, 'request')
  const stated = file === undefined ? {} : await readJson(file)
  if (!isFields(stated)) throw invalidInput(`${nameOf(file ?? '-')} must hold one JSON object.`)
  const base = file === undefined || file === '-' ? '.' : dirname(file)
  const flags = dropUnstated({ ...readSearch(options), ...statedPlace(options) })
  const places = 'gpus' in flags || 'nodes' in flags ? { gpus: undefined, nodes: undefined } : {}
  const flagged = text(options, 'model')
  const model = flagged ?? stated.model
  return dropUnstated({
    ...stated,
    ...places,
    ...flags,
    model: typeof model === 'string' ? await readModelArgument(model, flagged ? '.' : base) : model,
    workload: await mergedWorkload(stated.workload, await statedLoad(options, say), (file) =>
      readTraceFile(resolve(base, file), say),
    ),
    targets: merged(stated.targets, dropUnstated({ ...readTargets(options) })),
  })
}

/** `trace` in the file names a file beside it. */
async function mergedWorkload(
  stated: unknown,
  flags: Fields,
  readBeside: (file: string) => Promise<Workload>,
): Promise<unknown> {
  if (!isFields(stated)) return stated ?? flags
  const { trace, ...own } = stated
  if (typeof trace !== 'string') return overlayLoad(stated, flags)
  return overlayLoad(overlayLoad({ ...(await readBeside(trace)) }, own), flags)
}

const merged = (stated: unknown, flags: Fields): unknown =>
  isFields(stated) ? { ...stated, ...flags } : (stated ?? flags)

const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** "16xH100" is so many GPUs, "2x8xH100" nodes of eight. */
function statedPlace(options: Values): Fields {
  const given = text(options, 'gpus')
  if (given === undefined) return {}
  const parts = given.split(',').map((part) => {
    const match = /^(?:(\d+)x)?(\d+)x([^\d].*)$/.exec(part.trim())
    if (!match)
      throw invalidInput(`--gpus: "${part}" is not <GPUs>x<type> or <nodes>x<GPUs each>x<type>, e.g. 16xH100-SXM-80GB.`)
    return { nodes: match[1], gpus: Number(match[2]), type: match[3] ?? '' }
  })
  if (parts.every(({ nodes }) => nodes === undefined)) {
    return { gpus: Object.fromEntries(parts.map(({ type, gpus }) => [type, gpus])) }
  }
  return { nodes: parts.map(({ nodes, gpus, type }) => ({ count: Number(nodes ?? 1), gpus, gpu_type: type })) }
}
