/** Judges the JSON files that tell an engine how to load a model: what in them makes programs run other programs. */
import { baseName, oddPathReason, printable } from '../file-path.ts'
import type { RangedFile } from '../formats/ranged-file.ts'
import { findTemplateProblems, scanOf, templatesIn } from './inspect-template.ts'
import { readJsonFile } from './json-file.ts'
import { type FileScan, type Finding, finding } from './scan-report.ts'

/** Where transformers and diffusers look for program text of the model's own. */
const CODE_KEYS = new Set(['auto_map', 'custom_pipelines', 'custom_pipeline', 'custom_code', 'trust_remote_code'])
/** A name with an organisation in it makes transformers fetch compiled code. */
const KERNEL_KEYS = new Set(['attn_implementation', '_attn_implementation'])
/** Packages whose classes a configuration may name for hydra to create. */
const KNOWN_PACKAGES = new Set(['torch', 'transformers', 'diffusers', 'nemo', 'lightning', 'pytorch_lightning', 'peft'])
const MAX_FINDINGS = 50
const MAX_VALUES = 2_000_000

/** config.json and its kind. Never throws for what the file holds; what cannot be read for sure is not covered. */
export async function inspectConfigFile(file: RangedFile): Promise<FileScan> {
  const read = await readJsonFile(file)
  if (!read.ok) return { format: 'config', bytes_covered: 0, findings: read.findings }
  const findings: Finding[] = []
  const isComplete = walk(file, read.value, findings)
  if (baseName(file.path) === 'modules.json') findings.push(...moduleFindings(file, read.value))
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
    findings: [...findings.slice(0, MAX_FINDINGS), ...scan.findings, ...tooMany],
  }
}

/** Every value at any depth; false when there are more than anyone needs. */
function walk(file: RangedFile, root: unknown, findings: Finding[]): boolean {
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
      const found = findings.length < MAX_FINDINGS ? findingFor(file, key, inner) : undefined
      if (found) findings.push(found)
      waiting.push(inner)
    }
  }
  return true
}

function findingFor(file: RangedFile, key: string, value: unknown): Finding | undefined {
  if (value === null || value === undefined || value === false) return undefined
  if (CODE_KEYS.has(key) || (KERNEL_KEYS.has(key) && typeof value === 'string' && value.includes('/')))
    return customCode(file, key, value)
  if (key === '_target_') return createdClass(file, value)
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
function createdClass(file: RangedFile, value: unknown): Finding {
  const target = typeof value === 'string' ? value : JSON.stringify(value)
  const isKnown = /^\w+(\.[A-Za-z]\w*)+$/.test(target) && KNOWN_PACKAGES.has(target.split('.', 1)[0] ?? '')
  return isKnown
    ? customCode(file, '_target_', value)
    : finding(
        'block',
        'config-runs-code',
        `${file.path} makes the program that reads it call ${printable(target.slice(0, 100))}.`,
        {
          evidence: target,
        },
      )
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
