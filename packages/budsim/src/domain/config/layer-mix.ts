/** Which layers attend to everything, which slide, and which keep a fixed-size state instead of a cache. */
import type { ConfigReader } from './config-reader.ts'
import type { Family } from './families.ts'

export interface LayerMix {
  fullAttention: number
  slidingAttention: number
  /** Tokens a sliding layer sees; undefined when none slides. */
  window: number | undefined
  linear: number
  mamba: number
  /** Layers that are an MLP alone (Nemotron-H), or have no MLP of their own. */
  mlpOnly: number
  /** Layers with a feed-forward part. */
  withMlp: number
}

const SLIDING =
  /^(sliding_attention|chunked_attention|local|sliding|sliding_window|local_attention|sliding_window_attention)$/
const LINEAR = /^(linear_attention|conv|recurrent|gated_deltanet|kda|lightning|linear)$/
const MAMBA = /^(mamba|mamba2|ssm)$/

export function readLayerMix(reader: ConfigReader, family: Family, layers: number): LayerMix {
  const window = readWindow(reader)
  const mix =
    fromPattern(reader.text('hybrid_override_pattern'), window) ??
    fromTypes(
      reader.strings('layer_types') ?? reader.strings('layers_block_type') ?? expandedBlocks(reader, layers),
      layers,
      window,
    ) ??
    fromLightning(reader.numbers('attn_type_list'), layers) ??
    fromIntervals(reader, family, layers, window)
  return mix.slidingAttention > 0 ? mix : { ...mix, window: undefined }
}

function readWindow(reader: ConfigReader): number | undefined {
  if (reader.flag('use_sliding_window') === false) return undefined
  return reader.integer('sliding_window', 'attention_chunk_size', 'window_size')
}

/** Nemotron-H: one letter per block, M mamba, * attention, - feed-forward, E experts. */
function fromPattern(pattern: string | undefined, window: number | undefined): LayerMix | undefined {
  if (!pattern) return undefined
  const count = (letter: string) => pattern.split(letter).length - 1
  const mlp = count('-') + count('E')
  return {
    fullAttention: count('*'),
    slidingAttention: 0,
    window,
    linear: 0,
    mamba: count('M'),
    mlpOnly: mlp,
    withMlp: mlp,
  }
}

function fromTypes(types: string[] | undefined, layers: number, window: number | undefined): LayerMix | undefined {
  if (!types || types.length === 0) return undefined
  const matching = (kind: RegExp) => types.slice(0, layers).filter((type) => kind.test(type)).length
  const sliding = window === undefined ? 0 : matching(SLIDING)
  const linear = matching(LINEAR)
  const mamba = matching(MAMBA)
  const mlpOnly = matching(/^(mlp|moe)$/)
  return {
    fullAttention: Math.max(layers - sliding - linear - mamba - mlpOnly, 0),
    slidingAttention: sliding,
    window,
    linear,
    mamba,
    mlpOnly,
    withMlp: mlpOnly > 0 ? mlpOnly : layers,
  }
}

/** RecurrentGemma repeats `block_types`; Jamba gives a period and an offset. */
function expandedBlocks(reader: ConfigReader, layers: number): string[] | undefined {
  const blocks = reader.strings('block_types')
  if (blocks && blocks.length > 0) return Array.from({ length: layers }, (_, i) => blocks[i % blocks.length] ?? '')
  const period = reader.integer('attn_layer_period')
  if (period === undefined) return undefined
  const offset = reader.count('attn_layer_offset') ?? 0
  return Array.from({ length: layers }, (_, i) => (i % period === offset ? 'attention' : 'mamba'))
}

/** MiniMax-01: 1 = softmax attention, 0 = lightning attention. */
function fromLightning(types: number[] | undefined, layers: number): LayerMix | undefined {
  if (!types || types.length === 0) return undefined
  const full = types.slice(0, layers).filter((type) => type === 1).length
  return allWithMlp({ fullAttention: full, slidingAttention: 0, window: undefined, linear: layers - full }, layers)
}

function fromIntervals(reader: ConfigReader, family: Family, layers: number, window: number | undefined): LayerMix {
  const interval = reader.integer('full_attention_interval')
  if (interval !== undefined) {
    const full = Math.floor(layers / interval)
    return allWithMlp({ fullAttention: full, slidingAttention: 0, window: undefined, linear: layers - full }, layers)
  }
  if (window === undefined) return allWithMlp({ fullAttention: layers, slidingAttention: 0, window, linear: 0 }, layers)
  const every = reader.integer('sliding_window_pattern', '_sliding_window_pattern') ?? family.fullAttentionEvery
  const fullByRule =
    every === undefined
      ? reader.has('max_window_layers')
        ? windowStart(reader, layers)
        : 0
      : Math.floor(layers / every)
  return allWithMlp({ fullAttention: fullByRule, slidingAttention: layers - fullByRule, window, linear: 0 }, layers)
}

/** Qwen2: the first `max_window_layers` layers attend to everything. */
const windowStart = (reader: ConfigReader, layers: number): number =>
  Math.min(reader.count('max_window_layers') ?? 0, layers)

const allWithMlp = (
  mix: Pick<LayerMix, 'fullAttention' | 'slidingAttention' | 'window' | 'linear'>,
  layers: number,
): LayerMix => ({ ...mix, mamba: 0, mlpOnly: 0, withMlp: layers })
