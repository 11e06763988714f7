/**
 * What config.json leaves out because the family's code has it as default. A family not listed here is read by the
 * generic decoder algebra: gated MLP, separate output head, all layers with full attention.
 */

export interface Family {
  /** Two-matrix MLP (up, down) instead of three. */
  plainMlp?: boolean
  /** Output head shares the embedding when config.json does not say. */
  tied?: boolean
  /** Learned position embeddings. */
  learnedPositions?: boolean
  /** Every n-th layer is full attention, the others slide. */
  fullAttentionEvery?: number
  /** Feed-forward width as a multiple of the hidden size, when not stated. */
  mlpRatio?: number
  /** Query, key and value heads all but one shared. */
  multiQuery?: boolean
  /** Encoder and decoder stacks with cross attention. */
  encoderDecoder?: boolean
  /** Defaults of single fields. */
  defaults?: Readonly<Record<string, number>>
}

const GPT_STYLE: Family = { plainMlp: true, tied: true, mlpRatio: 4 }

const FAMILIES: Readonly<Record<string, Family>> = {
  gpt2: { ...GPT_STYLE, learnedPositions: true },
  gpt_bigcode: { ...GPT_STYLE, learnedPositions: true },
  gpt_neo: { ...GPT_STYLE, learnedPositions: true },
  opt: { ...GPT_STYLE, learnedPositions: true },
  bloom: GPT_STYLE,
  mpt: GPT_STYLE,
  falcon: GPT_STYLE,
  refinedweb: GPT_STYLE,
  refinedwebmodel: GPT_STYLE,
  gptj: { plainMlp: true, mlpRatio: 4 },
  codegen: { plainMlp: true, mlpRatio: 4 },
  gpt_neox: { plainMlp: true },
  phi: { plainMlp: true },
  persimmon: { plainMlp: true },
  starcoder2: { plainMlp: true, tied: true },
  nemotron: { plainMlp: true },
  nemotron_h: { plainMlp: true },
  cohere: { tied: true },
  cohere2: { tied: true, fullAttentionEvery: 4 },
  gemma: { tied: true, defaults: { head_dim: 256 } },
  gemma2: { tied: true, fullAttentionEvery: 2, defaults: { head_dim: 256, vocab_size: 256_000 } },
  gemma3: GEMMA3(),
  gemma3_text: GEMMA3(),
  gemma3n: { tied: true },
  gemma3n_text: { tied: true },
  gpt_oss: { fullAttentionEvery: 2 },
  llama4: { fullAttentionEvery: 4 },
  llama4_text: { fullAttentionEvery: 4 },
  t5: { encoderDecoder: true, tied: true, plainMlp: true },
  mt5: { encoderDecoder: true },
  umt5: { encoderDecoder: true },
}

/** google/gemma-3 checkpoints leave out what equals Gemma3TextConfig's defaults. */
function GEMMA3(): Family {
  return {
    tied: true,
    fullAttentionEvery: 6,
    defaults: {
      head_dim: 256,
      num_attention_heads: 8,
      num_key_value_heads: 4,
      vocab_size: 262_208,
      max_position_embeddings: 131_072,
    },
  }
}

const NO_FAMILY: Family = {}

export const familyOf = (modelType: string): Family => FAMILIES[modelType.toLowerCase()] ?? NO_FAMILY

/** Encoders and image models that look like decoders on paper: no tokens to generate. */
export const NOT_GENERATIVE =
  /^(bert|roberta|xlm-roberta|distilbert|electra|deberta(-v2)?|albert|vit|clip|siglip|whisper|wav2vec2|dinov2|modernbert|nomic_bert|layoutlm.*)$/
