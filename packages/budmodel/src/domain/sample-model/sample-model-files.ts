/** A complete Llama in miniature (2 layers, hidden size 128, 512 tokens, under 2 MB): for trying the product for real. */
import { toTokenizerJson, trainByteLevelBpe } from './byte-level-bpe.ts'
import { llamaSafetensors } from './llama-weights.ts'

const VOCABULARY = 512
const SEED = 20_260_101

const CONFIG = {
  architectures: ['LlamaForCausalLM'],
  model_type: 'llama',
  hidden_size: 128,
  intermediate_size: 256,
  num_hidden_layers: 2,
  num_attention_heads: 4,
  num_key_value_heads: 4,
  head_dim: 32,
  vocab_size: VOCABULARY,
  max_position_embeddings: 2048,
  rms_norm_eps: 1e-5,
  rope_theta: 10_000,
  hidden_act: 'silu',
  attention_bias: false,
  bos_token_id: 0,
  eos_token_id: 1,
  pad_token_id: 2,
  tie_word_embeddings: false,
  torch_dtype: 'bfloat16',
}

const CHAT_TEMPLATE =
  "{% for message in messages %}{{ message['role'] }}: {{ message['content'] }}\n{% endfor %}{% if add_generation_prompt %}assistant:{% endif %}"

/** Always the same bytes. */
export function sampleModelFiles(): { path: string; content: Uint8Array }[] {
  const json = (value: unknown) => Buffer.from(`${JSON.stringify(value, null, 2)}\n`)
  return [
    { path: 'config.json', content: json(CONFIG) },
    {
      path: 'generation_config.json',
      content: json({ bos_token_id: 0, eos_token_id: 1, pad_token_id: 2, do_sample: true }),
    },
    { path: 'tokenizer.json', content: json(toTokenizerJson(trainByteLevelBpe(VOCABULARY))) },
    {
      path: 'tokenizer_config.json',
      content: json({
        tokenizer_class: 'PreTrainedTokenizerFast',
        bos_token: '<s>',
        eos_token: '</s>',
        pad_token: '<pad>',
        model_max_length: CONFIG.max_position_embeddings,
        clean_up_tokenization_spaces: false,
        chat_template: CHAT_TEMPLATE,
      }),
    },
    {
      path: 'model.safetensors',
      content: llamaSafetensors(
        {
          layers: CONFIG.num_hidden_layers,
          hidden: CONFIG.hidden_size,
          intermediate: CONFIG.intermediate_size,
          vocabulary: VOCABULARY,
        },
        SEED,
      ),
    },
  ]
}
