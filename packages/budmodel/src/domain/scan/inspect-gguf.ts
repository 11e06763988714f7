/** Judges a GGUF file: a sound one is covered to its last byte, since its structure says what every byte is. */
import { type GgufFile, type GgufValue, readGguf, readGgufText } from '../formats/gguf.ts'
import type { RangedFile } from '../formats/ranged-file.ts'
import { findTemplateProblems, TEMPLATE_UNREADABLE } from './inspect-template.ts'
import { type FileScan, type Finding, finding } from './scan-report.ts'

const MAX_TEMPLATE_BYTES = 1024 * 1024
const TEMPLATE_KEY = /^tokenizer\.chat_template($|\.)/

export async function inspectGguf(file: RangedFile): Promise<FileScan> {
  const gguf = await readGguf(file)
  const findings = gguf.problems.map(({ rule, message, offset }) =>
    finding('block', rule, `${file.path} has ${message}.`, { offset }),
  )
  if (gguf.notUnderstood !== undefined)
    findings.push(finding('warn', 'gguf-not-understood', `${file.path} ${gguf.notUnderstood}.`, { offset: 4 }))
  findings.push(...remarks(file, gguf))
  const templates = await inspectTemplates(file, gguf.values)
  findings.push(...templates.findings)
  const covered = gguf.problems.length === 0 && gguf.notUnderstood === undefined && templates.complete
  return { format: 'gguf', bytes_covered: covered ? file.bytes : 0, findings }
}

function remarks(file: RangedFile, gguf: GgufFile): Finding[] {
  const findings: Finding[] = []
  if (gguf.bigEndian) {
    const message = `${file.path} is written for big-endian machines; engines on common servers cannot load it.`
    findings.push(finding('warn', 'gguf-big-endian', message, { offset: 4 }))
  }
  if (gguf.version === 1) {
    const message = `${file.path} is GGUF of version 1, which current engines no longer load.`
    findings.push(finding('info', 'gguf-old-version', message, { offset: 4 }))
  }
  if (gguf.problems.length === 0 && gguf.trailingBytes > 0) {
    const message = `${file.path} has ${gguf.trailingBytes.toLocaleString('en')} bytes after its last tensor.`
    findings.push(finding('warn', 'gguf-trailing-data', message, { offset: file.bytes - gguf.trailingBytes }))
  }
  return findings
}

/** Engines render every `tokenizer.chat_template[.name]` with their Jinja. */
async function inspectTemplates(
  file: RangedFile,
  values: ReadonlyMap<string, GgufValue>,
): Promise<{ findings: Finding[]; complete: boolean }> {
  const findings: Finding[] = []
  let complete = true
  for (const [key, value] of values) {
    if (!TEMPLATE_KEY.test(key) || value.kind !== 'text') continue
    const template = await readGgufText(file, value, MAX_TEMPLATE_BYTES)
    if (template === undefined) {
      const message = `${file.path}: ${key} is larger than ${MAX_TEMPLATE_BYTES} bytes, too large to look at.`
      findings.push(finding('warn', 'template-too-large', message, { offset: value.start }))
      complete = false
      continue
    }
    for (const problem of findTemplateProblems(template)) {
      if (problem.rule === TEMPLATE_UNREADABLE) complete = false
      findings.push({ ...problem, message: `${file.path}: ${key}: ${problem.message}`, offset: value.start })
    }
  }
  return { findings, complete }
}
