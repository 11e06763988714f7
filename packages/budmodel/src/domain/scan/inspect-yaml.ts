/**
 * Judges YAML: tags by which readers call functions, and hydra's `_target_`. Tags and keys are taken as the parser
 * resolves them, so that directives, escapes and quotes hide none; what cannot be parsed for sure is not covered.
 * Most YAML has neither tags nor escapes nor targets: it is searched for them only, whatever its size and dialect.
 */
import { isAlias, isNode, isPair, isScalar, type Node, parseAllDocuments, visit } from 'yaml'
import { printable } from '../file-path.ts'
import type { RangedFile } from '../formats/ranged-file.ts'
import { FindingsByRule } from './findings-by-rule.ts'
import { targetFinding } from './inspect-config.ts'
import { type FileScan, type Finding, finding } from './scan-report.ts'
import { decodeText } from './text-encodings.ts'

const MAX_BYTES = 16 * 1024 * 1024
/** The parser takes seconds for more. */
const MAX_PARSED_CHARACTERS = 512 * 1024

/** Every tag has the first, every escaped or broken key the last. */
const MAY_ASK = /!|_target_|\\/
/** Line ends for PyYAML and for YAML 1.1, not for YAML 1.2: a comment may end there or go on. */
const OTHER_LINE_ENDS = /\r(?!\n)|[\u0085\u2028\u2029]/g
/** Also where a parser sees a comment and another one text. */
const PYTHON_TAG = /!!python\/[\w/:.]{1,100}|tag:yaml\.org,2002:python\/[\w/:.]{0,100}/

const YAML_TAG = 'tag:yaml.org,2002:'
const PLAIN_TAGS = new Set(
  [
    'null',
    'bool',
    'int',
    'float',
    'str',
    'seq',
    'map',
    'binary',
    'timestamp',
    'set',
    'omap',
    'pairs',
    'merge',
    'value',
  ].map((name) => `${YAML_TAG}${name}`),
)
/** PyYAML, SnakeYAML, js-yaml, Psych and their kin, behind any prefix that a directive may give them. */
const LANGUAGE_TAG = /(?:^|[:!,/])(?:python|py|ruby|perl|php|js|javascript|javax?|net|clojure|object)[/:.]/i
/** HyperPyYAML and readers after its manner. */
const CALLING_TAG =
  /^!(?:(?:apply|applyref|new|name|module|obj|object|call|func|function|class|import|eval|exec):|(?:eval|exec|lambda|py|python|call|import)$)/i

/** *.yaml, *.yml. Never throws for what the file holds. */
export async function inspectYaml(file: RangedFile): Promise<FileScan> {
  const notCovered = (rule: string, what: string, findings: Finding[] = []): FileScan => ({
    format: 'yaml',
    bytes_covered: 0,
    findings: [...findings, finding('warn', rule, `${file.path} ${what}.`)],
  })
  if (file.bytes > MAX_BYTES) return notCovered('yaml-too-large', `is larger than ${MAX_BYTES} bytes`)
  const text = decodeText(await file.read(0, file.bytes))
  if (text === undefined) return notCovered('yaml-unreadable', 'is neither UTF-8, UTF-16 nor UTF-32 text')
  if (!MAY_ASK.test(text)) return { format: 'yaml', bytes_covered: file.bytes, findings: [] }
  const found = new Found(file)
  found.text = text
  const python = PYTHON_TAG.exec(text)
  const readings = text.length > MAX_PARSED_CHARACTERS ? [] : [text, text.replace(OTHER_LINE_ENDS, '\n')]
  const problem = [...new Set(readings)].map((reading) => judgeReading(reading, found)).find((one) => one !== undefined)
  if (python && !found.findings.some(({ severity }) => severity === 'block')) found.tag(python[0], python.index)
  if (readings.length === 0) {
    const what = `has tags or escapes and is longer than ${MAX_PARSED_CHARACTERS} characters`
    return notCovered('yaml-too-large', what, found.findings)
  }
  if (problem !== undefined)
    return notCovered('yaml-unreadable', `cannot be read as YAML: ${printable(problem)}`, found.findings)
  return { format: 'yaml', bytes_covered: file.bytes, findings: found.findings }
}

/** What is wrong with it, when it is no YAML; what it calls is found all the same as far as it can be read. */
function judgeReading(text: string, found: Found): string | undefined {
  found.text = text
  try {
    const documents = parseAllDocuments(text, { prettyErrors: false, logLevel: 'error', uniqueKeys: false })
    for (const document of documents) {
      const anchors = new Map<string, Node>()
      const resolved = (node: unknown): unknown => (isAlias(node) ? anchors.get(node.source) : node)
      visit(document, {
        Node(_, node) {
          if (isAlias(node)) return
          if (node.anchor) anchors.set(node.anchor, node)
          if (node.tag !== undefined) found.tag(node.tag, node.range?.[0] ?? 0)
        },
        Pair(_, { key, value }) {
          const name = resolved(key)
          if (!isScalar(name) || name.value !== '_target_') return
          const target = resolved(value)
          found.target(
            isScalar(target) ? target.value : isNode(target) || isPair(target) ? '{…}' : null,
            isNode(key) ? (key.range?.[0] ?? 0) : 0,
          )
        },
      })
    }
    const [error] = documents.flatMap(({ errors }) => errors)
    return error?.message.replace(/\.$/, '').slice(0, 200)
  } catch (error) {
    return error instanceof Error ? error.message.slice(0, 200) : 'it is too deep'
  }
}

class Found {
  /** What offsets count in, as characters. */
  text = ''
  readonly #file: RangedFile
  readonly #kept = new FindingsByRule()

  constructor(file: RangedFile) {
    this.#file = file
  }

  tag(tag: string, offset: number): void {
    if (tag === '!' || tag === '?' || PLAIN_TAGS.has(tag)) return
    const plain = decoded(tag)
    const shown = printable(plain.slice(0, 100))
    const isCall =
      plain.startsWith('!!') || plain.startsWith(YAML_TAG) || LANGUAGE_TAG.test(plain) || CALLING_TAG.test(plain)
    const [severity, rule, what] = isCall
      ? (['block', 'yaml-runs-code', 'makes the program that reads it call what it names'] as const)
      : (['warn', 'yaml-unknown-tag', 'has a tag that only a program of its own understands'] as const)
    this.#add(finding(severity, rule, `${this.#file.path} ${what} (${shown}).`, { offset, evidence: plain }))
  }

  /** Nothing and "???" (to be given later) call nothing. */
  target(value: unknown, offset: number): void {
    if (value === null || value === '???') return
    this.#add({ ...targetFinding(this.#file, value, 'yaml-runs-code'), offset })
  }

  get findings(): Finding[] {
    return this.#kept.all
  }

  #add(found: Finding): void {
    this.#kept.add(found, (one) => ({ ...one, offset: Buffer.byteLength(this.text.slice(0, one.offset ?? 0)) }))
  }
}

/** Readers decode the escapes of a tag, the parser those of its last part only. */
function decoded(tag: string): string {
  try {
    return decodeURIComponent(tag)
  } catch {
    return tag
  }
}
