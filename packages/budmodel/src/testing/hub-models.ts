/** Repositories as people publish them, in miniature: every file is in the format that its name promises. */
import apache from 'spdx-license-list/licenses/Apache-2.0.json' with { type: 'json' }
import { sampleModelFiles } from '../domain/sample-model/sample-model-files.ts'
import { soundGguf } from './gguf-writer.ts'
import type { HubContent, HubRepositoryPlan } from './hub-repository.ts'
import { type HeaderEntry, safetensorsOf } from './safetensors-writer.ts'

type Files = Record<string, HubContent>

const GITATTRIBUTES = ['*.safetensors', '*.gguf', '*.bin', 'tokenizer.json']
  .map((pattern) => `${pattern} filter=lfs diff=lfs merge=lfs -text\n`)
  .join('')

const CARD = `---
license: apache-2.0
language:
  - en
library_name: transformers
pipeline_tag: text-generation
tags:
  - llama
  - tiny
base_model: example/tiny-base
model-index:
  - name: tiny-llama
    results:
      - task:
          type: text-generation
        dataset:
          name: MMLU
          type: cais/mmlu
        metrics:
          - name: accuracy
            type: accuracy
            value: 25.1
---

# Tiny Llama

A model for trying things out. It knows nothing.
`

const ADAPTER_CARD = `---
license: apache-2.0
library_name: peft
base_model: example/tiny-llama
tags:
  - lora
---

# A LoRA adapter of Tiny Llama
`

const sample = (): Record<string, Uint8Array> =>
  Object.fromEntries(sampleModelFiles().map(({ path, content }) => [path, content]))

/** Two shards with their index, tokenizer, card and licence. `name` tells the first commit from the later one. */
export function shardedLlamaFiles(card = CARD): Files {
  const { 'model.safetensors': weights = Buffer.alloc(0), ...others } = sample()
  return {
    ...others,
    ...sharded(weights),
    'README.md': card,
    LICENSE: apache.licenseText,
    '.gitattributes': GITATTRIBUTES,
  }
}

/** Two commits of `main`: the first one is tagged v1.0, the second one corrects the card. */
export const shardedLlama = (name = 'example/tiny-llama'): HubRepositoryPlan => ({
  name,
  commits: [
    { files: shardedLlamaFiles(CARD.replace('It knows nothing.', 'It knows everything.')), tag: 'v1.0' },
    { files: shardedLlamaFiles() },
  ],
})

export function loraAdapter(name = 'example/tiny-llama-lora'): HubRepositoryPlan {
  const rank = 4
  const entries: Record<string, HeaderEntry> = {}
  let offset = 0
  for (const projection of ['q_proj', 'v_proj']) {
    for (const [side, shape] of [
      ['A', [rank, 128]],
      ['B', [128, rank]],
    ] as const) {
      const end = offset + rank * 128 * 2
      const tensor = `base_model.model.model.layers.0.self_attn.${projection}.lora_${side}.weight`
      entries[tensor] = { dtype: 'BF16', shape: [...shape], data_offsets: [offset, end] }
      offset = end
    }
  }
  const config = {
    peft_type: 'LORA',
    task_type: 'CAUSAL_LM',
    base_model_name_or_path: 'example/tiny-llama',
    r: rank,
    lora_alpha: 8,
    target_modules: ['q_proj', 'v_proj'],
    bias: 'none',
  }
  const files = {
    'adapter_config.json': `${JSON.stringify(config, null, 2)}\n`,
    'adapter_model.safetensors': safetensorsOf(entries, Buffer.alloc(offset, 1)),
    'README.md': ADAPTER_CARD,
    '.gitattributes': GITATTRIBUTES,
  }
  return { name, commits: [{ files }] }
}

export const ggufModel = (name = 'example/tiny-llama-gguf'): HubRepositoryPlan => ({
  name,
  commits: [{ files: { 'tiny-llama.Q8_0.gguf': soundGguf(), 'README.md': CARD, '.gitattributes': GITATTRIBUTES } }],
})

/** A sound model among `count` small files. */
export function manyFiles(count: number, name = 'example/many-files'): HubRepositoryPlan {
  const extra = Array.from({ length: count }, (_, index): [string, string] => [
    `notes/${String(Math.floor(index / 100)).padStart(3, '0')}/${String(index).padStart(6, '0')}.txt`,
    `note ${index}\n`,
  ])
  return { name, commits: [{ files: { ...sample(), ...Object.fromEntries(extra) } }] }
}

/** One safetensors file as two, with the index that says which tensor is where. */
function sharded(weights: Uint8Array): Files {
  const bytes = Buffer.from(weights)
  const headerEnd = 8 + Number(bytes.readBigUInt64LE(0))
  const { __metadata__: metadata, ...header } = JSON.parse(bytes.toString('utf8', 8, headerEnd)) as Record<
    string,
    HeaderEntry
  >
  const names = Object.keys(header)
  const halves = [names.slice(0, names.length / 2), names.slice(names.length / 2)]
  const files: Files = {}
  const weight_map: Record<string, string> = {}
  for (const [index, half] of halves.entries()) {
    const path = `model-${String(index + 1).padStart(5, '0')}-of-00002.safetensors`
    const entries: Record<string, HeaderEntry> = {}
    const parts: Uint8Array[] = []
    let offset = 0
    for (const tensor of half) {
      const { dtype, shape, data_offsets } = header[tensor] as HeaderEntry
      const part = bytes.subarray(headerEnd + data_offsets[0], headerEnd + data_offsets[1])
      entries[tensor] = { dtype, shape, data_offsets: [offset, offset + part.length] }
      offset += part.length
      parts.push(part)
      weight_map[tensor] = path
    }
    const told = metadata ? { __metadata__: metadata, ...entries } : entries
    files[path] = safetensorsOf(told, Buffer.concat(parts))
  }
  const index = { metadata: { total_size: bytes.length - headerEnd }, weight_map }
  files['model.safetensors.index.json'] = `${JSON.stringify(index, null, 2)}\n`
  return files
}
