/**
 * ONNX models: which operators a graph calls and which other files it reads, found by walking the whole protobuf.
 * Source: onnx.proto3 of https://github.com/onnx/onnx (ModelProto and below).
 */
import { type ProtoMessage, type ProtoRule, type ProtoSchema, walkProtobuf } from './protobuf.ts'
import type { RangedFile } from './ranged-file.ts'

const text = (name: string) => ({ name, kind: 'text' }) as const
const number = (name: string) => ({ name, kind: 'number' }) as const
const message = (name: string, schema: () => ProtoSchema) => ({ name, kind: 'message', schema }) as const

const ENTRY: ProtoSchema = { message: 'entry', fields: { 1: text('key'), 2: text('value') } }
const OPERATOR_SET: ProtoSchema = { message: 'operator-set', fields: { 1: text('domain') } }
const TENSOR: ProtoSchema = {
  message: 'tensor',
  fields: {
    8: text('name'),
    13: message('external_data', () => ENTRY),
    14: number('data_location'),
  },
}
const SPARSE_TENSOR: ProtoSchema = {
  message: 'sparse-tensor',
  fields: { 1: message('values', () => TENSOR), 2: message('indices', () => TENSOR) },
}
const ATTRIBUTE: ProtoSchema = {
  message: 'attribute',
  fields: {
    1: text('name'),
    4: text('text'),
    5: message('tensor', () => TENSOR),
    6: message('graph', () => GRAPH),
    10: message('tensors', () => TENSOR),
    11: message('graphs', () => GRAPH),
    22: message('sparse_tensor', () => SPARSE_TENSOR),
    23: message('sparse_tensors', () => SPARSE_TENSOR),
  },
}
const NODE: ProtoSchema = {
  message: 'node',
  fields: { 3: text('name'), 4: text('op_type'), 5: message('attribute', () => ATTRIBUTE), 7: text('domain') },
}
const GRAPH: ProtoSchema = {
  message: 'graph',
  fields: {
    1: message('node', () => NODE),
    5: message('initializer', () => TENSOR),
    15: message('sparse_initializer', () => SPARSE_TENSOR),
  },
}
const FUNCTION: ProtoSchema = {
  message: 'function',
  fields: {
    1: text('name'),
    7: message('node', () => NODE),
    10: text('domain'),
    11: message('attribute', () => ATTRIBUTE),
  },
}
const TRAINING: ProtoSchema = {
  message: 'training',
  fields: { 1: message('initialization', () => GRAPH), 2: message('algorithm', () => GRAPH) },
}
const once = (wire: ProtoRule['wire']) => ({ wire, once: true })
const REPEATED = { wire: 'sized', once: false } as const
/** Other formats share the first bytes and step over what they do not know: only ONNX's own fields make it ONNX. */
const MODEL: ProtoSchema = {
  message: 'model',
  only: {
    ...{ 1: once('varint'), 2: once('sized'), 3: once('sized'), 4: once('sized'), 5: once('varint'), 6: once('sized') },
    ...{ 7: once('sized'), 8: REPEATED, 14: REPEATED, 20: REPEATED, 25: REPEATED, 26: REPEATED },
  },
  fields: {
    1: number('ir_version'),
    2: text('producer_name'),
    3: text('producer_version'),
    4: text('domain'),
    7: message('graph', () => GRAPH),
    8: message('opset_import', () => OPERATOR_SET),
    20: message('training_info', () => TRAINING),
    25: message('functions', () => FUNCTION),
  },
}

export interface ExternalTensor {
  name: string
  offset: number
  /** Key and value as the file states them. */
  entries: { key: string; value: string | undefined }[]
}

export interface OnnxOperator {
  domain: string
  type: string
  offset: number
  /** Attributes that hold a short text. */
  texts: { name: string; value: string }[]
}

export interface OnnxVisitor {
  externalTensor(tensor: ExternalTensor): void
  operator(operator: OnnxOperator): void
}

export interface OnnxWalk {
  /** Why it is no ONNX model to its end, as the end of "the file …". */
  broken: string | undefined
  offset: number
  /** Domains whose operators the model defines itself. */
  functionDomains: Set<string>
}

const MAX_ENTRIES_PER_TENSOR = 64

/** Never throws for what the file contains. */
export async function walkOnnx(file: RangedFile, visitor: OnnxVisitor): Promise<OnnxWalk> {
  const functionDomains = new Set<string>()
  const external = new Map<ProtoMessage, ExternalTensor['entries']>()
  const texts = new Map<ProtoMessage, OnnxOperator['texts']>()
  let nodes = 0
  let graphs = 0
  let odd: string | undefined
  const { broken, offset } = await walkProtobuf(file, MODEL, (part) => {
    switch (part.message) {
      case 'entry':
        if (part.parent) append(external, part.parent, entryOf(part))
        break
      case 'tensor': {
        const entries = external.get(part) ?? []
        const isExternal = part.values.get('data_location')?.includes(1) ?? false
        if (entries.length > 0 || isExternal)
          visitor.externalTensor({ name: lastText(part, 'name'), offset: part.offset, entries })
        external.delete(part)
        break
      }
      case 'attribute':
        if (part.parent && part.values.has('text'))
          append(texts, part.parent, { name: lastText(part, 'name'), value: lastText(part, 'text') })
        break
      case 'node':
        if (part.parent?.message === 'graph') nodes++
        visitor.operator({
          domain: lastText(part, 'domain'),
          type: lastText(part, 'op_type'),
          offset: part.offset,
          texts: texts.get(part) ?? [],
        })
        texts.delete(part)
        break
      case 'function':
        if (functionDomains.size < 1000) functionDomains.add(lastText(part, 'domain'))
        texts.delete(part)
        break
      case 'graph':
        graphs++
        break
      case 'model':
        odd = oddityOf(part)
        break
    }
  })
  const empty = graphs === 0 ? 'holds no graph' : nodes === 0 ? 'holds no operator' : undefined
  return { broken: broken ?? odd ?? empty, offset, functionDomains }
}

/** Texts of ONNX lie where other formats have messages. */
function oddityOf(model: ProtoMessage): string | undefined {
  if (!model.values.has('ir_version')) return 'states no version'
  const named = ['producer_name', 'producer_version', 'domain']
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
  const isText = (name: string) => !model.skipped.has(name) && !/[\0-\x1f\x7f\ufffd]/.test(lastText(model, name))
  return named.every(isText) ? undefined : 'has something else where its producer is named'
}

/** ModelProto begins with ir_version and goes on with one of its other first fields, by every known writer. */
export function looksLikeOnnx(head: Uint8Array): boolean {
  const [tag, version, next] = head
  return tag === 0x08 && version !== undefined && version >= 1 && version <= 0x20 && NEXT_TAGS.has(next ?? 0)
}

/** producer_name, producer_version, domain, model_version, doc_string, graph, opset_import */
const NEXT_TAGS = new Set([0x12, 0x1a, 0x22, 0x28, 0x32, 0x3a, 0x42])

function append<T>(lists: Map<ProtoMessage, T[]>, key: ProtoMessage, item: T): void {
  const list = lists.get(key)
  if (!list) lists.set(key, [item])
  else if (list.length < MAX_ENTRIES_PER_TENSOR) list.push(item)
}

/** `value` is undefined when it is too long to be a path or a number. */
function entryOf(part: ProtoMessage): { key: string; value: string | undefined } {
  const tooLong = part.skipped.has('value') || part.skipped.has('key')
  return { key: lastText(part, 'key'), value: tooLong ? undefined : lastText(part, 'value') }
}

/** protobuf's rule for a field that is there twice: the last one counts. */
const lastText = (part: ProtoMessage, name: string): string => String(part.values.get(name)?.at(-1) ?? '')
