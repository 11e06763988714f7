/** Which models a model was made from, and where that is stated; the most certain first. */
import type { GgufFacts } from '../facts/gguf-facts.ts'
import { isQuantised } from '../facts/weight-facts.ts'
import { isRecord } from './front-matter.ts'
import type { CardRelation, ModelCard } from './parse-model-card.ts'

export interface Lineage {
  relation: 'adapter-of' | 'quantised-from' | 'fine-tuned-from' | 'merged-from'
  /** The base model's name, e.g. "meta-llama/Llama-3.1-8B". */
  name: string
  /** Where it is stated, e.g. "adapter_config.json". */
  source: string
}

export interface LineageClues {
  /** adapter_config.json and config.json as parsed; undefined without. */
  adapterConfig: unknown
  config: unknown
  card: Pick<ModelCard, 'base_models'> | null
  /** general.base_model.* of its GGUF files; null where it has none. */
  gguf: GgufFacts['base_models'] | null
  /** The registration's base_model. */
  claimed: string | null
}

type Relation = Lineage['relation']

const OF_CARD: Record<CardRelation, Relation> = {
  adapter: 'adapter-of',
  finetune: 'fine-tuned-from',
  quantized: 'quantised-from',
  merge: 'merged-from',
}
const MAX_BASES = 20

/** Each base once, by the surest of what states it. What a file shows of the model itself decides where a card is silent. */
export function readLineage({ adapterConfig, config, card, gguf, claimed }: LineageClues): Lineage[] {
  const isAdapter = adapterConfig !== undefined
  // A config's own _name_or_path is left alone: it names the model itself as often as its base.
  const otherwise: Relation = isAdapter
    ? 'adapter-of'
    : isQuantised(config) || gguf
      ? 'quantised-from'
      : 'fine-tuned-from'
  const ofCard = (card?.base_models ?? []).map(({ name, relation }) => ({
    relation: relation === null ? otherwise : OF_CARD[relation],
    name,
    source: 'model card',
  }))
  const stated = [
    ...one(
      'adapter-of',
      isRecord(adapterConfig) ? adapterConfig.base_model_name_or_path : undefined,
      'adapter_config.json',
    ),
    ...ofCard,
    ...ggufBases(gguf, otherwise),
    ...one(otherwise, claimed, 'registration'),
  ]
  const byName = new Map<string, Lineage>()
  for (const { name, ...rest } of stated) {
    const model = modelName(name)
    if (model !== undefined && !byName.has(model.toLowerCase()))
      byName.set(model.toLowerCase(), { ...rest, name: model })
  }
  return [...byName.values()].slice(0, MAX_BASES)
}

const one = (relation: Relation, name: unknown, source: string): Lineage[] =>
  typeof name === 'string' ? [{ relation, name, source }] : []

/** Of several bases it is a merge, as the GGUF specification has them. */
function ggufBases(bases: LineageClues['gguf'], relation: Relation): Lineage[] {
  const named = (bases ?? []).slice(0, MAX_BASES).map(({ name, organization, repo_url }) => {
    const dashed = name?.trim().replaceAll(/\s+/g, '-')
    const owner = organization?.trim().replaceAll(/\s+/g, '-')
    return repo_url ?? (owner && dashed ? `${owner}/${dashed}` : dashed)
  })
  return named.flatMap((name) => one(named.length > 1 ? 'merged-from' : relation, name, 'GGUF metadata'))
}

/** A model's name, as registries have them; paths of the machine it was made on are none. */
function modelName(written: string): string | undefined {
  const name = written
    .trim()
    .replace(/^https?:\/\/(?:www\.)?(?:huggingface\.co|hf\.co)\//i, '')
    .replace(/\/+$/, '')
  const isName = /^[A-Za-z0-9][\w.-]{0,95}(?:\/[A-Za-z0-9][\w.-]{0,95})?$/.test(name)
  return isName && !PLACES.test(name) ? name : undefined
}

/** First parts of paths that look like names: "models/llama", "output/checkpoint-500". */
const PLACES =
  /^(?:models?|outputs?|results?|checkpoints?|ckpts?|data|workspace|mnt|home|root|tmp|content|weights|out|llm|saved?|saves|exports?|merged|\.cache|src|app|none|null|unknown)(?:\/|$)|(?:^|\/)checkpoint[-_]\d+$/i
