/**
 * GGUF's names in the words of config.json. Sources: MODEL_ARCH_NAMES of gguf-py's constants.py, the classes of
 * llama.cpp's convert_hf_to_gguf.py, and the LlamaFileType enumeration.
 */

/** llama.cpp's architecture → `model_type` and class of transformers, where they are not the same word. */
const FAMILIES: Readonly<Record<string, readonly [modelType: string, className: string]>> = {
  llama: ['llama', 'LlamaForCausalLM'],
  llama4: ['llama4_text', 'Llama4ForCausalLM'],
  mistral3: ['mistral', 'MistralForCausalLM'],
  qwen2: ['qwen2', 'Qwen2ForCausalLM'],
  qwen2moe: ['qwen2_moe', 'Qwen2MoeForCausalLM'],
  qwen2vl: ['qwen2', 'Qwen2ForCausalLM'],
  qwen3: ['qwen3', 'Qwen3ForCausalLM'],
  qwen3moe: ['qwen3_moe', 'Qwen3MoeForCausalLM'],
  qwen3vl: ['qwen3', 'Qwen3ForCausalLM'],
  qwen3next: ['qwen3_next', 'Qwen3NextForCausalLM'],
  gemma: ['gemma', 'GemmaForCausalLM'],
  gemma2: ['gemma2', 'Gemma2ForCausalLM'],
  gemma3: ['gemma3_text', 'Gemma3ForCausalLM'],
  gemma3n: ['gemma3n_text', 'Gemma3nForCausalLM'],
  phi2: ['phi', 'PhiForCausalLM'],
  phi3: ['phi3', 'Phi3ForCausalLM'],
  phimoe: ['phimoe', 'PhiMoEForCausalLM'],
  'command-r': ['cohere', 'CohereForCausalLM'],
  cohere2: ['cohere2', 'Cohere2ForCausalLM'],
  falcon: ['falcon', 'FalconForCausalLM'],
  gptneox: ['gpt_neox', 'GPTNeoXForCausalLM'],
  gpt2: ['gpt2', 'GPT2LMHeadModel'],
  bloom: ['bloom', 'BloomForCausalLM'],
  mpt: ['mpt', 'MPTForCausalLM'],
  starcoder: ['gpt_bigcode', 'GPTBigCodeForCausalLM'],
  starcoder2: ['starcoder2', 'Starcoder2ForCausalLM'],
  stablelm: ['stablelm', 'StableLmForCausalLM'],
  deepseek2: ['deepseek_v3', 'DeepseekV3ForCausalLM'],
  'gpt-oss': ['gpt_oss', 'GptOssForCausalLM'],
  granite: ['granite', 'GraniteForCausalLM'],
  granitemoe: ['granitemoe', 'GraniteMoeForCausalLM'],
  glm4: ['glm4', 'Glm4ForCausalLM'],
  glm4moe: ['glm4_moe', 'Glm4MoeForCausalLM'],
  olmo2: ['olmo2', 'Olmo2ForCausalLM'],
  internlm2: ['internlm2', 'InternLM2ForCausalLM'],
  nemotron: ['nemotron', 'NemotronForCausalLM'],
}
const MIXTRAL = ['mixtral', 'MixtralForCausalLM'] as const

/** Mixtral is "llama" with experts in GGUF. Unknown names are taken over. */
export function familyOfGguf(architecture: string, hasExperts: boolean): { modelType: string; className?: string } {
  if (architecture === 'llama' && hasExperts) return { modelType: MIXTRAL[0], className: MIXTRAL[1] }
  const known = Object.hasOwn(FAMILIES, architecture) ? FAMILIES[architecture] : undefined
  if (!known) return { modelType: architecture.replaceAll('-', '_') }
  return { modelType: known[0], className: known[1] }
}

/** general.file_type */
export const ggufFileTypes: Readonly<Record<number, string>> = {
  0: 'F32',
  1: 'F16',
  2: 'Q4_0',
  3: 'Q4_1',
  7: 'Q8_0',
  8: 'Q5_0',
  9: 'Q5_1',
  10: 'Q2_K',
  11: 'Q3_K_S',
  12: 'Q3_K_M',
  13: 'Q3_K_L',
  14: 'Q4_K_S',
  15: 'Q4_K_M',
  16: 'Q5_K_S',
  17: 'Q5_K_M',
  18: 'Q6_K',
  19: 'IQ2_XXS',
  20: 'IQ2_XS',
  21: 'Q2_K_S',
  22: 'IQ3_XS',
  23: 'IQ3_XXS',
  24: 'IQ1_S',
  25: 'IQ4_NL',
  26: 'IQ3_S',
  27: 'IQ3_M',
  28: 'IQ2_S',
  29: 'IQ2_M',
  30: 'IQ4_XS',
  31: 'IQ1_M',
  32: 'BF16',
  36: 'TQ1_0',
  37: 'TQ2_0',
  38: 'MXFP4_MOE',
  39: 'NVFP4',
  40: 'Q1_0',
}
