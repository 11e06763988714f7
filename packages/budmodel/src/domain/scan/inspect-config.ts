/** Judges the JSON files that tell an engine how to load a model: what in them makes programs run other programs. */
import { innermostName, oddPathReason, printable } from '../file-path.ts'
import type { JsonPair } from '../formats/json-pairs.ts'
import type { RangedFile } from '../formats/ranged-file.ts'
import { isDangerousTarget } from './called-names.ts'
import { FindingsByRule } from './findings-by-rule.ts'
import { findTemplateProblems, scanOf, templatesIn } from './inspect-template.ts'
import { readJsonFile } from './json-file.ts'
import { type FileScan, type Finding, finding } from './scan-report.ts'

/** Where transformers and diffusers look for program text of the model's own. */
const CODE_KEYS = new Set(['auto_map', 'custom_pipelines', 'custom_pipeline', 'custom_code', 'trust_remote_code'])
/** A name with an organisation in it makes transformers fetch compiled code. */
const KERNEL_KEYS = new Set(['attn_implementation', '_attn_implementation'])
/** diffusers imports the class of each component from one of these, or from a folder of its pipelines, or else from the model. */
const COMPONENT_LIBRARIES =
  /^(?:diffusers|transformers|optimum|onnxruntime|peft|torch|stable_diffusion\w*|latent_diffusion\w*|deepfloyd_if|kandinsky\d*|paint_by_example|shap_e|audioldm\d*|unidiffuser|versatile_diffusion|vq_diffusion|wuerstchen|blip_diffusion|musicldm|flux|ltx|ltx2|pixart_alpha|animatediff|stable_cascade|stable_audio|hunyuan\w*|cogvideo|kolors|lumina\d*|sana|wan|qwenimage)(?:\.|$)/
const PEFT_LIBRARIES = /^(?:transformers|diffusers|torch|timm|sentence_transformers)(?:\.|$)/
const MAX_VALUES = 2_000_000

/** config.json and its kind. Never throws for what the file holds; what cannot be read for sure is not covered. */
export async function inspectConfigFile(file: RangedFile): Promise<FileScan> {
  const read = await readJsonFile(file)
  if (!read.ok) return { format: 'config', bytes_covered: 0, findings: read.findings }
  const found = new FindingsByRule()
  const isComplete = walk(file, read.value, found)
  const name = innermostName(file.path)
  if (name === 'modules.json') for (const one of moduleFindings(file, read.value)) found.add(one)
  if (name === 'model_index.json') for (const one of componentFindings(file, read.value)) found.add(one)
  const problems = templatesIn(read.value).flatMap(({ name, template }) =>
    findTemplateProblems(template).map((problem) => ({
      ...problem,
      offset: null,
      message:
        name === 'chat_template' ? problem.message : `${problem.message.slice(0, -1)} (template "${printable(name)}").`,
    })),
  )
  const scan = scanOf(file, problems, 'config')
  const tooMany: Finding[] = isComplete
    ? []
    : [finding('warn', 'config-too-large', `${file.path} holds more than ${MAX_VALUES} values.`)]
  return {
    format: 'config',
    bytes_covered: isComplete ? scan.bytes_covered : 0,
    findings: [...found.all, ...scan.findings, ...tooMany],
  }
}

/** Every value at any depth; false when there are more than anyone needs. */
function walk(file: RangedFile, root: unknown, findings: FindingsByRule): boolean {
  const waiting: unknown[] = [root]
  for (let count = 0; waiting.length > 0; count++) {
    if (count > MAX_VALUES) return false
    const value = waiting.pop()
    if (typeof value !== 'object' || value === null) continue
    if (Array.isArray(value)) {
      for (const item of value) waiting.push(item)
      continue
    }
    for (const [key, inner] of Object.entries(value)) {
      const found = findingFor(file, key, inner)
      if (found) findings.add(found)
      waiting.push(inner)
    }
  }
  return true
}

function findingFor(file: RangedFile, key: string, value: unknown): Finding | undefined {
  if (value === null || value === undefined || value === false) return undefined
  // A number is the place of a token in a vocabulary.
  if (typeof value === 'number' && key !== 'trust_remote_code') return undefined
  if (CODE_KEYS.has(key) || (KERNEL_KEYS.has(key) && typeof value === 'string' && value.includes('/')))
    return customCode(file, key, value)
  if (key === '_target_') return targetFinding(file, value, 'config-runs-code')
  if (key === '_class_name' && Array.isArray(value)) return customCode(file, key, value)
  if (key === 'parent_library' && !(typeof value === 'string' && PEFT_LIBRARIES.test(value)))
    return customCode(file, key, value)
  if (key === 'base_model_name_or_path' && typeof value === 'string') return baseModelPath(file, value)
  return undefined
}

const customCode = (file: RangedFile, key: string, value: unknown): Finding =>
  finding(
    'warn',
    'custom-code',
    `${file.path} asks for program text of the model’s own (${key}). Engines start without remote code, so the model may not load.`,
    { evidence: JSON.stringify(value) },
  )

/** Hydra calls whatever `_target_` names, with the arguments beside it. */
export function targetFinding(file: RangedFile, value: unknown, rule: string): Finding {
  if (!isDangerousTarget(value)) return customCode(file, '_target_', value)
  const target = typeof value === 'string' ? value : JSON.stringify(value)
  const message = `${file.path} makes the program that reads it call ${printable(target.slice(0, 100))}.`
  return finding('block', rule, message, { evidence: target })
}

function baseModelPath(file: RangedFile, value: string): Finding | undefined {
  if (/^[a-z][a-z0-9+.-]*:\/\/|^\\\\/i.test(value))
    return finding('warn', 'base-model-elsewhere', `${file.path} takes its base model from another machine.`, {
      evidence: value,
    })
  if (!/^[/~]|^[A-Za-z]:[\\/]|(^|[\\/])\.\.([\\/]|$)/.test(value)) return undefined
  return finding(
    'info',
    'base-model-local-path',
    `${file.path} names its base model by a path of the machine it was made on; name the base model when registering.`,
    { evidence: value },
  )
}

/** diffusers: `"unet": ["library", "Class"]`. */
function componentFindings(file: RangedFile, index: unknown): Finding[] {
  if (typeof index !== 'object' || index === null) return []
  return Object.entries(index).flatMap(([name, value]) => {
    if (name.startsWith('_') || !Array.isArray(value)) return []
    const library: unknown = value[0]
    if (library === null || (typeof library === 'string' && COMPONENT_LIBRARIES.test(library))) return []
    return [customCode(file, name, value)]
  })
}

/** Whether a pair of some JSON is a reason to read the file as a configuration: any file may be named as one. */
export const asksForConfig = ({ key, value }: Pick<JsonPair, 'key' | 'value'>): boolean =>
  KERNEL_KEYS.has(key) ? value?.includes('/') === true : key !== '_class_name' || value === undefined

export const configKeys: ReadonlySet<string> = new Set([
  ...CODE_KEYS,
  ...KERNEL_KEYS,
  ...['_target_', '_class_name', 'parent_library', 'chat_template'],
])

/** sentence-transformers imports the class that each module names. */
function moduleFindings(file: RangedFile, config: unknown): Finding[] {
  if (!Array.isArray(config)) return []
  return config.flatMap((module: unknown) => {
    if (typeof module !== 'object' || module === null) return []
    const { type, path } = { type: undefined, path: undefined, ...module } as { type: unknown; path: unknown }
    const findings: Finding[] = []
    if (typeof type !== 'string' || !/^sentence_transformers(\.\w+)+$/.test(type))
      findings.push(customCode(file, 'type', type ?? null))
    const odd = typeof path === 'string' && path !== '' ? oddPathReason(path) : undefined
    if (odd)
      findings.push(
        finding('block', 'config-path-outside', `${file.path}: the path of a module ${odd}.`, {
          evidence: String(path),
        }),
      )
    return findings
  })
}
