/**
 * Judges Jinja chat templates: engines run them on every request, so a template that leaves its sandbox runs on the
 * server. What a sound template never needs is reported, whether or not a known attack uses it.
 */
import { extensionOf } from '../file-path.ts'
import { parseTemplate } from '../formats/jinja-template.ts'
import { BrokenTemplate } from '../formats/jinja-tokens.ts'
import type { RangedFile } from '../formats/ranged-file.ts'
import { readJsonFile } from './json-file.ts'
import { type FileScan, type Finding, finding, type Severity } from './scan-report.ts'
import { findBombs } from './template-bombs.ts'
import { TemplateEvaluation } from './template-evaluation.ts'

const MAX_TEMPLATE_BYTES = 1024 * 1024
const MAX_PROBLEMS = 50
/** The rule of a template that could not be looked at: its file is not covered. */
export const TEMPLATE_UNREADABLE = 'template-unreadable'

/** Offsets are characters of the template. Never throws for what it holds. */
export function findTemplateProblems(template: string): Finding[] {
  if (template.length > MAX_TEMPLATE_BYTES)
    return [finding('warn', TEMPLATE_UNREADABLE, `The chat template is longer than ${MAX_TEMPLATE_BYTES} characters.`)]
  const problems = new Map<string, Finding>()
  const report = (severity: Severity, rule: string, what: string, at: number, evidence?: string) => {
    const key = `${rule} ${at} ${evidence ?? ''}`
    if (problems.has(key) || problems.size >= MAX_PROBLEMS) return
    const shown = evidence ?? template.slice(at, at + 60).split('\n', 1)[0]
    problems.set(key, finding(severity, rule, `The chat template ${what}.`, { offset: at, evidence: shown }))
  }
  try {
    const root = parseTemplate(template)
    const evaluation = new TemplateEvaluation(root)
    evaluation.judge(root, report)
    findBombs(root, evaluation, report)
  } catch (error) {
    if (!(error instanceof BrokenTemplate)) throw error
    report('warn', TEMPLATE_UNREADABLE, `is no template that Jinja could read: ${error.message}`, error.at)
    reportInternalNames(template, report)
  }
  return [...problems.values()]
}

/** In a template that cannot be followed: another reader may be more lenient, so any internal name blocks. */
function reportInternalNames(
  template: string,
  report: (severity: Severity, rule: string, what: string, at: number, evidence?: string) => void,
): void {
  for (const tag of template.matchAll(/\{[{%][\s\S]*?(?:[%}]\}|$)/g)) {
    const name = /(?:_|\\x5f|\\u005f|\\137){2}[a-z]\w*|\|\s*attr\b/i.exec(tag[0].normalize('NFKC'))
    if (name) report('block', 'template-escape', `reaches for ${name[0]}`, tag.index, name[0])
  }
}

/** *.jinja, *.j2 and chat_template.json. */
export async function inspectTemplateFile(file: RangedFile): Promise<FileScan> {
  if (extensionOf(file.path) === '.json') return inspectTemplateJson(file)
  if (file.bytes > MAX_TEMPLATE_BYTES) return notCovered(file, `is larger than ${MAX_TEMPLATE_BYTES} bytes`)
  let template: string
  try {
    template = new TextDecoder('utf-8', { fatal: true }).decode(await file.read(0, file.bytes))
  } catch {
    return notCovered(file, 'is not UTF-8 text')
  }
  return scanOf(file, findTemplateProblems(template))
}

async function inspectTemplateJson(file: RangedFile): Promise<FileScan> {
  const read = await readJsonFile(file)
  if (!read.ok) return { format: 'chat-template', bytes_covered: 0, findings: read.findings }
  const problems = templatesIn(read.value).flatMap(({ template }) => findTemplateProblems(template))
  return scanOf(
    file,
    problems.map((problem) => ({ ...problem, offset: null })),
  )
}

/** Templates of a configuration: `chat_template` as one text, a list of named ones, or a map of them. */
export function templatesIn(config: unknown): { name: string; template: string }[] {
  if (typeof config !== 'object' || config === null || !('chat_template' in config)) return []
  const { chat_template: value } = config
  if (typeof value === 'string') return [{ name: 'chat_template', template: value }]
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, entry]: [string, unknown]) => {
    if (typeof entry === 'string') return [{ name: key, template: entry }]
    if (typeof entry !== 'object' || entry === null || !('template' in entry) || typeof entry.template !== 'string')
      return []
    return [{ name: 'name' in entry && typeof entry.name === 'string' ? entry.name : key, template: entry.template }]
  })
}

/** `problems` told of the file; a template that could not be read leaves the file not covered. */
export function scanOf(file: RangedFile, problems: readonly Finding[], format = 'chat-template'): FileScan {
  const unreadable = problems.some(({ rule }) => rule === TEMPLATE_UNREADABLE)
  return {
    format,
    bytes_covered: unreadable ? 0 : file.bytes,
    findings: problems.map((problem) => ({
      ...problem,
      message: problem.message.replace(/^The chat template/, `The chat template in ${file.path}`),
    })),
  }
}

const notCovered = (file: RangedFile, why: string): FileScan => ({
  format: 'chat-template',
  bytes_covered: 0,
  findings: [finding('warn', TEMPLATE_UNREADABLE, `The chat template in ${file.path} ${why}.`)],
})
