/** What is wrong with the policy's text, each problem at its line. */
import type { Reason } from '@bud/kernel'
import { type Document, isNode, LineCounter, parseDocument } from 'yaml'
import { toProblem } from '../../../prepare/problem.ts'

export interface PolicyProblem {
  /** From 1; undefined where no line is to blame. */
  line: number | undefined
  message: string
  nextStep: string | undefined
}

/** What makes the text no YAML at all; found before anything is sent. */
export function syntaxProblems(text: string): PolicyProblem[] {
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false })
  return document.errors.map((error) => ({
    line: lines.linePos(error.pos[0]).line,
    message: error.message,
    nextStep: undefined,
  }))
}

/** The server's objections, each at the line its path leads to. */
export function answeredProblems(text: string, error: unknown): PolicyProblem[] {
  if (!error) return []
  const { message, reasons } = toProblem(error)
  if (reasons.length === 0) return [{ line: statedLine(message), message, nextStep: undefined }]
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false })
  return reasons
    .map((reason) => ({
      line: statedLine(reason.evidence ?? reason.message) ?? lineOfPath(document, lines, reason.path),
      message: withPath(reason),
      nextStep: reason.next_step,
    }))
    .toSorted((a, b) => (a.line ?? 0) - (b.line ?? 0))
}

function statedLine(text: string): number | undefined {
  const stated = /\bline (\d+)\b/i.exec(text)
  return stated ? Number(stated[1]) : undefined
}

/** "scan.rules.0.action" → the line of that node, or of the nearest one above it that is there. */
function lineOfPath(document: Document, lines: LineCounter, path: string | undefined): number | undefined {
  const steps = (path ?? '').split(/[.[\]]+/).filter((step) => step !== '' && step !== 'text')
  for (let depth = steps.length; depth > 0; depth -= 1) {
    const node = document.getIn(steps.slice(0, depth), true)
    if (isNode(node) && node.range) return lines.linePos(node.range[0]).line
  }
  return undefined
}

const withPath = ({ path, message }: Reason): string =>
  path && path !== 'text' && !message.includes(path) ? `${path}: ${message}` : message

/** Where a line begins and ends in the text. */
export function lineRange(text: string, line: number): { start: number; end: number } {
  const before = text.split('\n').slice(0, line - 1)
  const start = before.reduce((sum, one) => sum + one.length + 1, 0)
  const end = text.indexOf('\n', start)
  return { start, end: end < 0 ? text.length : end }
}
