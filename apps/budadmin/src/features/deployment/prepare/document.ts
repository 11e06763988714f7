/**
 * One deployment document, seen as a form and as YAML: the text is the truth, and the form edits it in place, so
 * that comments and order survive.
 */
import { Deployment, type Reason } from '@bud/kernel'
import { type Document, parseDocument, stringify } from 'yaml'

/** The guide's example, as it stands there. */
export const guideDocument = `deployment:
  runtime: vllm
  config:
    tensor_parallel_size: 4
    pipeline_parallel_size: 1
    max_model_len: 8192
    max_num_seqs: 256
    gpu_memory_utilization: 0.9
  replicas: 2
  resources:
    gpu_type: nvidia-a100-80gb
    gpu_count: 4
`

export const toYaml = (deployment: Deployment): string => stringify({ deployment }, { aliasDuplicateObjects: false })

export type ParsedDocument = { ok: true; deployment: Deployment } | { ok: false; reasons: Reason[] }

/** With the outer key as the guide writes it, or without. Every problem is listed with its place. */
export function parseDeployment(text: string): ParsedDocument {
  const document = parseDocument(text, { prettyErrors: true })
  if (document.errors.length > 0) return { ok: false, reasons: document.errors.map(toSyntaxReason) }
  const content: unknown = document.toJS({ maxAliasCount: 20 })
  if (typeof content !== 'object' || content === null) {
    return {
      ok: false,
      reasons: [{ code: 'no-document', message: 'Write a document that begins with "deployment:".' }],
    }
  }
  const outer = 'deployment' in content
  const parsed = Deployment.safeParse(outer ? content.deployment : content)
  if (parsed.success) return { ok: true, deployment: parsed.data }
  const prefix = outer ? ['deployment'] : []
  return { ok: false, reasons: parsed.error.issues.flatMap((issue) => toSchemaReasons(issue, prefix)) }
}

type FieldValue = string | number | boolean | undefined

/** Sets one field, or removes it for undefined. A text that cannot be read is returned as it is. */
export function setField(text: string, path: readonly string[], value: FieldValue): string {
  const document = parseDocument(text)
  if (document.errors.length > 0) return text
  const full = [...prefixOf(document), ...path]
  if (value === undefined) document.deleteIn(full)
  else document.setIn(full, value)
  return document.toString({ lineWidth: 0 })
}

/** What stands at a path, whether or not the whole is valid. */
export function getField(text: string, path: readonly string[]): unknown {
  const document = parseDocument(text)
  return document.getIn([...prefixOf(document), ...path])
}

/** Without an outer key the fields stand at the top, unless the document is empty. */
function prefixOf(document: Document): string[] {
  return document.has('deployment') || !document.has('runtime') ? ['deployment'] : []
}

function toSyntaxReason(error: {
  message: string
  linePos?: [{ line: number }, ...unknown[]] | [unknown, unknown]
}): Reason {
  const [first] = error.message.split('\n')
  const position = error.linePos?.[0] as { line: number } | undefined
  return {
    code: 'malformed-yaml',
    message: (first ?? error.message).replace(/ at line \d+, column \d+:?$/, ''),
    ...(position ? { path: `line ${position.line}` } : {}),
  }
}

interface Issue {
  message: string
  path: readonly PropertyKey[]
}

function toSchemaReasons(issue: Issue, prefix: readonly string[]): Reason[] {
  const path = [...prefix, ...issue.path.map(String)]
  if ('keys' in issue && Array.isArray(issue.keys)) {
    return issue.keys.map((key) => ({
      code: 'unknown-field',
      message: 'there is no such field',
      path: [...path, String(key)].join('.'),
    }))
  }
  return [{ code: 'invalid', message: issue.message, path: path.join('.') }]
}
