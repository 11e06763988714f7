/** Configurations that make the program that reads them run something, and sound ones that look odd. */
import type { CorpusCase } from './corpus-case.ts'

const json = (value: unknown): Buffer => Buffer.from(JSON.stringify(value))

const bad: [name: string, path: string, content: Uint8Array, rules: string[], why: string, published?: string][] = [
  [
    'hydra-target',
    'config.json',
    json({ model_type: 'custom', loss: { _target_: 'os.system', command: 'id' } }),
    ['config-runs-code'],
    'Hydra calls what _target_ names.',
    'CVE-2025-23304',
  ],
  [
    'hydra-target-in-list',
    'generation_config.json',
    json({ steps: [{ a: 1 }, { _target_: 'builtins.exec', _args_: ['import os'] }] }),
    ['config-runs-code'],
    'The same in a list.',
  ],
  [
    'hydra-target-internal',
    'config.json',
    json({ _target_: 'torch.serialization.os.__dict__' }),
    ['config-runs-code'],
    'A known package and an internal name.',
  ],
  [
    'hydra-target-nameless',
    'config.json',
    json({ _target_: ['os.system'] }),
    ['config-runs-code'],
    'A target that is no name.',
  ],
  [
    'hydra-target-standard',
    'config.json',
    json({ _target_: 'pydoc.pipepager', text: '', cmd: 'id' }),
    ['config-runs-code'],
    'A module of Python that is seldom thought of.',
  ],
  [
    'hydra-target-loader',
    'config.json',
    json({ _target_: 'torch.jit.load', f: 'http://example.org/x' }),
    ['config-runs-code'],
    'A known package’s loader of code.',
  ],
  [
    'hydra-target-other-name',
    'experiment/run.json',
    json({ model: { '_targ\u0065t_': 'os.system', command: 'id' } }),
    ['config-runs-code'],
    'A configuration by a name that nobody has listed.',
  ],
  [
    'template-other-name',
    'tokenizer_config_v2.json',
    json({ chat_template: '{{ cycler.__init__.__globals__ }}' }),
    ['template-escape'],
    'A template in a configuration by another name.',
  ],
  [
    'many-remarks',
    'config.json',
    json([...Array.from({ length: 200 }, (_, i) => ({ auto_map: `a.B${i}` })), { _target_: 'os.system' }]),
    ['config-runs-code'],
    'Behind more remarks than anybody reads.',
  ],
  [
    'module-path',
    'modules.json',
    json([{ idx: 0, name: '0', path: '../../outside', type: 'sentence_transformers.models.Transformer' }]),
    ['config-path-outside'],
    'A module outside of the model’s folder.',
  ],
  [
    'module-absolute',
    'modules.json',
    json([{ idx: 0, name: '0', path: '/etc', type: 'sentence_transformers.models.Transformer' }]),
    ['config-path-outside'],
    'A module at an absolute path.',
  ],
  [
    'template-in-tokenizer-config',
    'tokenizer_config.json',
    json({ chat_template: { default: '{{ messages }}', tool: '{{ cycler.__init__ }}' } }),
    ['template-escape'],
    'One of several templates leaves its sandbox.',
  ],
]

export const configCases: readonly CorpusCase[] = [
  ...bad.map(
    ([name, path, content, expects, why, published]): CorpusCase => ({
      name: `config-${name}`,
      kind: 'malicious',
      files: { [path]: content },
      expects,
      why,
      ...(published ? { published } : {}),
    }),
  ),
  {
    name: 'clean-configs',
    kind: 'clean',
    files: {
      'config.json': json({
        architectures: ['LlamaForCausalLM'],
        model_type: 'llama',
        hidden_size: 4096,
        rope_theta: 500000.0,
        rms_norm_eps: 1e-5,
        quantization_config: { quant_method: 'gptq', bits: 4, group_size: 128, modules_to_not_convert: null },
        attn_implementation: 'sdpa',
        use_cache: true,
        _name_or_path: '/home/user/checkpoints/llama',
      }),
      'generation_config.json': json({ do_sample: true, temperature: 0.6, eos_token_id: [128001, 128009] }),
      'tokenizer_config.json': Buffer.from(
        '{"model_max_length": 1000000000000000019884624838656, "tokenizer_class": "LlamaTokenizer", "added_tokens_decoder": {"0": {"content": "<unk>", "special": true}}, "auto_map": null}',
      ),
      'modules.json': json([
        { idx: 0, name: '0', path: '', type: 'sentence_transformers.models.Transformer' },
        { idx: 1, name: '1', path: '1_Pooling', type: 'sentence_transformers.models.Pooling' },
      ]),
      'vocab.json': json({ auto_map: 5, _target_: 6, _class_name: 7, custom_code: 8, chat_template: 9 }),
      'scheduler/scheduler_config.json': json({ _class_name: 'PNDMScheduler', _diffusers_version: '0.30.0' }),
      'model_index.json': json({
        _class_name: 'StableDiffusionPipeline',
        feature_extractor: ['transformers', 'CLIPImageProcessor'],
        image_encoder: [null, null],
        safety_checker: ['stable_diffusion', 'StableDiffusionSafetyChecker'],
        unet: ['diffusers', 'UNet2DConditionModel'],
      }),
      'twice.json': Buffer.from('{"a": 1, "a": 2} trailing'),
      'adapter_config.json': json({ peft_type: 'LORA', r: 16, base_model_name_or_path: '/mnt/checkpoints/base' }),
    },
    expects: [],
    why: 'A length limit of 1e30 written out, and the path of the machine that trained it.',
  },
]
