/** The guide's deployment document as people hand it in: YAML or JSON, with or without its outer key. */
import { Deployment, invalidInput, type Reason } from '@bud/kernel'
import { isNode, LineCounter, parseDocument } from 'yaml'
import type { z } from 'zod'

type Path = readonly PropertyKey[]
const MAX_SYNTAX_ERRORS = 20

type LineOf = (path: Path) => number | undefined

/**
 * Throws invalid-input whose reasons hold every problem, each with its path and, in `evidence`, its line.
 * JSON is a subset of YAML: one parser reads both.
 */
export function parseDeploymentText(text: string): Deployment {
  const lines = new LineCounter()
  // Pretty errors take quadratic time on hostile text.
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, logLevel: 'error' })
  if (document.errors.length > 0) {
    const reasons = document.errors.slice(0, MAX_SYNTAX_ERRORS).map(
      (error): Reason => ({
        code: 'malformed-document',
        message: firstLine(error.message),
        evidence: atLine(lines.linePos(error.pos[0]).line),
      }),
    )
    throw invalidInput(`The deployment document is neither YAML nor JSON: ${summary(reasons)}`, reasons)
  }
  const lineOf: LineOf = (path) => {
    for (let length = path.length; length >= 0; length--) {
      const node = length === 0 ? document.contents : document.getIn(path.slice(0, length), true)
      if (isNode(node) && node.range) return lines.linePos(node.range[0]).line
    }
    return undefined
  }
  return parseDeployment(document.toJS(), lineOf)
}

/** The same for a value that is parsed already. */
export function parseDeployment(value: unknown, lineOf: LineOf = () => undefined): Deployment {
  const wrapped = isRecord(value) && 'deployment' in value
  const outer = wrapped ? ['deployment'] : []
  const strangers = wrapped ? Object.keys(value).filter((key) => key !== 'deployment') : []
  const parsed = Deployment.safeParse(wrapped ? value.deployment : value)
  const reasons = [
    ...strangers.map((key) => unknownField([key], lineOf([key]))),
    ...(parsed.error?.issues ?? []).flatMap((issue) => issueReasons(issue, (path) => lineOf([...outer, ...path]))),
  ]
  if (reasons.length > 0 || !parsed.success)
    throw invalidInput(
      `The deployment document has ${reasons.length} problem${reasons.length === 1 ? '' : 's'}: ${summary(reasons)}`,
      reasons,
    )
  return parsed.data
}

/** Paths begin with "deployment", whether the outer key was written or not. */
function issueReasons(issue: z.core.$ZodIssue, lineOf: LineOf): Reason[] {
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map((key) => {
      const path = [...issue.path, key]
      return unknownField(['deployment', ...path], lineOf(path))
    })
  return [
    {
      code: issue.code.replaceAll('_', '-'),
      message: issue.message,
      path: ['deployment', ...issue.path].join('.'),
      evidence: atLine(lineOf(issue.path)),
    },
  ]
}

const unknownField = (path: Path, line: number | undefined): Reason => ({
  code: 'unknown-field',
  message: `Unknown field "${String(path.at(-1))}".`,
  path: path.join('.'),
  evidence: atLine(line),
})

const atLine = (line: number | undefined): string | undefined => (line === undefined ? undefined : `line ${line}`)

const summary = (reasons: readonly Reason[]): string =>
  reasons
    .map(({ path, message, evidence }) => `${path ? `${path}: ` : ''}${message}${evidence ? ` (${evidence})` : ''}`)
    .join(' · ')

const firstLine = (text: string): string => (text.split('\n')[0] ?? text).replace(/:$/, '.')

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
