/** Longest context in tokens, as vLLM derives it from config.json: positions, stretched by rope scaling. */
import { isObject, type JsonObject } from './config-reader.ts'
import { familyOf } from './families.ts'

const NAMES = [
  'max_position_embeddings',
  'n_positions',
  'max_seq_len',
  'seq_length',
  'model_max_length',
  'max_sequence_length',
  'max_seq_length',
  'n_ctx',
  'max_target_positions',
]
/** Beyond this a number is a sentinel for "no limit", not a length. */
const LONGEST = 1e9
/** Scalings whose factor is already inside max_position_embeddings. */
const ALREADY_INSIDE = new Set(['su', 'longrope', 'llama3', 'mrope', 'default'])

/** null when config.json does not say (relative positions, state-space models). */
export function readContextLength(config: JsonObject, modelType: string): number | null {
  const stated = NAMES.map((name) => config[name]).filter(
    (value): value is number => typeof value === 'number' && Number.isInteger(value) && value > 0 && value <= LONGEST,
  )
  if (stated.length === 0) return familyOf(modelType).defaults?.max_position_embeddings ?? null
  const positions = Math.min(...stated)
  const scaling = ropeScaling(config)
  if (!isObject(scaling) || modelType.startsWith('gemma3')) return positions
  const type = scaling.rope_type ?? scaling.type
  const factor = scaling.factor
  if (typeof factor !== 'number' || factor <= 0 || typeof type !== 'string' || ALREADY_INSIDE.has(type))
    return positions
  const original = scaling.original_max_position_embeddings
  const stretched = Math.round((type === 'yarn' && typeof original === 'number' ? original : positions) * factor)
  return stretched >= 1 && stretched <= LONGEST ? stretched : positions
}

/** Newer configs say `rope_parameters`, some of them per kind of layer. */
function ropeScaling(config: JsonObject): unknown {
  if (isObject(config.rope_scaling)) return config.rope_scaling
  const parameters = config.rope_parameters
  return isObject(parameters) && isObject(parameters.full_attention) ? parameters.full_attention : parameters
}
