/** A Llama of two layers with a byte tokenizer: everything a real engine needs to start with dummy weights. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const VOCABULARY = 512
const SPECIAL = ['<s>', '</s>', '<pad>'] as const

export function writeTinyLlama(folder: string): void {
  mkdirSync(folder, { recursive: true })
  const write = (name: string, content: unknown) => writeFileSync(join(folder, name), JSON.stringify(content))
  write('config.json', {
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
    bos_token_id: 0,
    eos_token_id: 1,
    pad_token_id: 2,
    tie_word_embeddings: false,
    torch_dtype: 'bfloat16',
  })
  write('tokenizer_config.json', {
    tokenizer_class: 'PreTrainedTokenizerFast',
    bos_token: '<s>',
    eos_token: '</s>',
    pad_token: '<pad>',
    model_max_length: 2048,
    chat_template: "{% for m in messages %}{{ m['role'] }}: {{ m['content'] }}\n{% endfor %}assistant:",
  })
  write('tokenizer.json', byteTokenizer())
}

/** One token per byte, in the alphabet that byte-level BPE uses. */
function byteTokenizer() {
  const tokens = [...SPECIAL, ...byteAlphabet()]
  const byteLevel = { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: true }
  const options = { single_word: false, lstrip: false, rstrip: false, normalized: false, special: true }
  return {
    version: '1.0',
    truncation: null,
    padding: null,
    added_tokens: SPECIAL.map((content, id) => ({ id, content, ...options })),
    normalizer: null,
    pre_tokenizer: byteLevel,
    post_processor: null,
    decoder: byteLevel,
    model: {
      type: 'BPE',
      dropout: null,
      unk_token: null,
      continuing_subword_prefix: null,
      end_of_word_suffix: null,
      fuse_unk: false,
      byte_fallback: false,
      ignore_merges: false,
      vocab: Object.fromEntries(tokens.map((token, id) => [token, id])),
      merges: [],
    },
  }
}

/** Printable bytes stand for themselves, the others for characters from U+0100 on (GPT-2's table). */
function byteAlphabet(): string[] {
  const printable = (byte: number) => (byte > 32 && byte < 127) || (byte > 160 && byte !== 173)
  let next = 256
  return Array.from({ length: 256 }, (_, byte) => String.fromCodePoint(printable(byte) ? byte : next++))
}
