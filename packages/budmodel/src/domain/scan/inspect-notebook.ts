/**
 * Judges Jupyter notebooks: their cells are program text that is stored and never run here, but what they show
 * (outputs, Markdown, attachments) acts in the browser of whoever opens them.
 */
import type { RangedFile } from '../formats/ranged-file.ts'
import { FindingsByRule } from './findings-by-rule.ts'
import { readJsonFile } from './json-file.ts'
import { type FileScan, type Finding, finding } from './scan-report.ts'

const MAX_NOTEBOOK_BYTES = 64 * 1024 * 1024
const MAX_CELLS = 50_000
/** Lines for the shell that only show something or install packages by name. */
const PLAIN_SHELL =
  /^(pip3?|conda|uv pip|python3? -m pip)\s+install(\s+[\w.,=<>~![\]-]+)*\s*$|^(nvidia-smi|ls|pwd|cat|head|wc|df|du|free|mkdir|unzip|git lfs install|git clone https:\/\/(huggingface\.co|github\.com)\/)[^|;&`$]*$/
const SHELL_LINE = /^\s*(?:\w+\s*=\s*)?!+\s*(.+)$|^\s*%(?:sx|system|sc)\s+(.+)$/
const SHELL_CELL = /^\s*%%(?:bash|sh|script|cmd|system|sx|perl|ruby|!)(?:\s|$)/
const OTHER_MAGIC =
  /^\s*%(?:run|load|load_ext|loadpy|macro|alias|store)\b|^\s*%%(?:javascript|js|html|svg|writefile|pypy|python2?)\b/
/** Fetched or decoded and run in one go: no example needs that. */
const FETCHES = /\b(?:curl|wget|iwr|Invoke-WebRequest|base64)\b/
const TO_SHELL = /[|;&]\s{0,8}(?:sudo\s{1,8})?(?:ba|z|da)?sh\b/
const RUNS_FETCHED =
  /\b(?:exec|eval)\s{0,8}\(\s{0,8}(?:[\w.]{1,60}\s{0,8}\(\s{0,8}){0,6}(?:base64\.|b64decode|codecs\.decode|zlib\.|marshal\.|bytes\.fromhex|urllib|requests\.get|urlopen)|\/dev\/tcp\//
const ACTIVE_HTML =
  /<\s{0,8}(?:script|iframe|object|embed|form|meta|base|link)\b|\bon[a-z]{3,30}\s{0,8}=\s{0,8}["'`]?[^\s>]|(?:javascript|vbscript|data:text\/html)\s{0,8}:/i
const ACTIVE_TYPES = new Set(['application/javascript', 'text/javascript', 'application/x-javascript', 'text/vbscript'])
const MARKUP_TYPES = new Set(['text/html', 'image/svg+xml', 'text/markdown', 'text/latex'])

/** *.ipynb. Never throws for what the file holds. */
export async function inspectNotebook(file: RangedFile): Promise<FileScan> {
  const read = await readJsonFile(file, MAX_NOTEBOOK_BYTES)
  if (!read.ok) return { format: 'notebook', bytes_covered: 0, findings: read.findings }
  const cells = cellsOf(read.value)
  if (!cells || cells.length > MAX_CELLS) {
    const why = cells ? `has more than ${MAX_CELLS} cells` : 'has no list of cells'
    return {
      format: 'notebook',
      bytes_covered: 0,
      findings: [finding('warn', 'notebook-unreadable', `${file.path} is no notebook: it ${why}.`)],
    }
  }
  const findings = new FindingsByRule()
  let codeCells = 0
  for (const [i, cell] of cells.entries()) {
    if (cell.cell_type === 'code' && textOf(cell.source ?? cell.input).trim() !== '') codeCells++
    for (const found of cellFindings(`${file.path}, cell ${i + 1},`, cell)) findings.add(found)
  }
  if (codeCells > 0)
    findings.add(
      finding(
        'info',
        'notebook-code',
        `${file.path} holds ${codeCells} cells of program text. They are stored but never run.`,
      ),
    )
  return { format: 'notebook', bytes_covered: file.bytes, findings: findings.all }
}

type Fields = Record<string, unknown>

/** Version 4 has cells, version 3 has them in worksheets. */
function cellsOf(notebook: unknown): Fields[] | undefined {
  if (!isFields(notebook)) return undefined
  const sheets = Array.isArray(notebook.worksheets) ? notebook.worksheets.filter(isFields) : []
  const lists = [notebook.cells, ...sheets.map(({ cells }) => cells)].filter((list) => Array.isArray(list))
  return lists.length === 0 ? undefined : lists.flat().filter(isFields)
}

function cellFindings(where: string, cell: Fields): Finding[] {
  const source = textOf(cell.source ?? cell.input)
  const findings = cell.cell_type === 'code' ? codeFindings(where, source) : markupFindings(where, source)
  const outputs = Array.isArray(cell.outputs) ? cell.outputs.filter(isFields) : []
  for (const output of outputs) findings.push(...outputFindings(where, output))
  if (isFields(cell.attachments))
    for (const [name, types] of Object.entries(cell.attachments))
      if (isFields(types)) findings.push(...attachmentFindings(where, name, types))
  return findings
}

function codeFindings(where: string, source: string): Finding[] {
  const fetched = fetchedAndRun(source)
  if (fetched)
    return [
      finding('block', 'notebook-runs-fetched-code', `${where} runs what it fetches or decodes.`, {
        evidence: fetched,
      }),
    ]
  if (SHELL_CELL.test(source))
    return [
      finding('warn', 'notebook-shell', `${where} is a script for the shell.`, { evidence: source.slice(0, 200) }),
    ]
  for (const line of source.split('\n')) {
    const command = SHELL_LINE.exec(line)
    const text = command?.[1] ?? command?.[2]
    if (text !== undefined && !PLAIN_SHELL.test(text.trim()))
      return [finding('warn', 'notebook-shell', `${where} runs a command of the shell.`, { evidence: line.trim() })]
    if (OTHER_MAGIC.test(line) || /\bget_ipython\(\)\s*\.\s*(?:system|getoutput|run_)/.test(line))
      return [finding('warn', 'notebook-magic', `${where} loads or runs something else.`, { evidence: line.trim() })]
  }
  return []
}

function fetchedAndRun(source: string): string | undefined {
  const inPython = RUNS_FETCHED.exec(source)
  if (inPython) return inPython[0]
  return source
    .replaceAll('\\\n', ' ')
    .split('\n')
    .find((line) => {
      const fetch = FETCHES.exec(line)
      return fetch !== null && TO_SHELL.test(line.slice(fetch.index))
    })
}

function markupFindings(where: string, source: string): Finding[] {
  const active = ACTIVE_HTML.exec(withoutCode(source))
  return active
    ? [
        finding('block', 'notebook-active-text', `${where} holds markup that acts when it is shown.`, {
          evidence: active[0],
        }),
      ]
    : []
}

/** Code in Markdown is shown as it is. */
const withoutCode = (markdown: string): string => markdown.replace(/```[\s\S]*?```|`[^`\n]*`/g, '')

function outputFindings(where: string, output: Fields): Finding[] {
  // Version 3 has the types in the output itself.
  const types = isFields(output.data) ? output.data : output
  const findings: Finding[] = []
  for (const [type, value] of Object.entries(types)) {
    const text = textOf(value)
    if (ACTIVE_TYPES.has(type) || type === 'javascript') {
      if (text.trim() !== '') findings.push(active(where, type, text))
    } else if ((MARKUP_TYPES.has(type) || type === 'html' || type === 'svg') && ACTIVE_HTML.test(text)) {
      findings.push(active(where, type, ACTIVE_HTML.exec(text)?.[0] ?? ''))
    }
  }
  return findings
}

const active = (where: string, type: string, evidence: string): Finding =>
  finding(
    'block',
    'notebook-active-output',
    `${where} has an output (${type}) that acts when the notebook is opened.`,
    {
      evidence,
    },
  )

const PROGRAM_STARTS = ['7f454c46', '4d5a', 'cffaedfe', 'feedfacf', 'cafebabe', '504b0304', '2321']

function attachmentFindings(where: string, name: string, types: Fields): Finding[] {
  const findings: Finding[] = []
  for (const [type, value] of Object.entries(types)) {
    const text = textOf(value)
    const start = Buffer.from(text.slice(0, 64), 'base64').toString('hex')
    if (PROGRAM_STARTS.some((magic) => start.startsWith(magic)))
      findings.push(
        finding('block', 'notebook-attachment', `${where} carries a program or archive as an attachment.`, {
          evidence: name,
        }),
      )
    else if (type === 'image/svg+xml' && ACTIVE_HTML.test(svgText(text))) findings.push(active(where, type, name))
    else if (!type.startsWith('image/'))
      findings.push(
        finding('warn', 'notebook-attachment', `${where} carries an attachment of type ${type.slice(0, 60)}.`, {
          evidence: name,
        }),
      )
  }
  return findings
}

const svgText = (text: string): string => (text.includes('<') ? text : Buffer.from(text, 'base64').toString('latin1'))
const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
/** Texts may be lists of lines. */
const textOf = (value: unknown): string =>
  typeof value === 'string'
    ? value
    : Array.isArray(value)
      ? value.filter((line) => typeof line === 'string').join('')
      : ''
