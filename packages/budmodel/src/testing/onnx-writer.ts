/** Writes ONNX models field by field, also such as read files they should not. Source: onnx.proto3. */

export interface OnnxTensorInput {
  name: string
  /** Float32 values kept in the model. */
  values?: readonly number[]
  /** Key and value of `external_data`. */
  external?: readonly (readonly [string, string])[]
}

export interface OnnxNodeInput {
  type: string
  domain?: string
  /** Attribute that holds a whole graph. */
  subgraph?: OnnxGraphInput
  tensor?: OnnxTensorInput
  texts?: Readonly<Record<string, string>>
}

export interface OnnxGraphInput {
  nodes: readonly OnnxNodeInput[]
  tensors?: readonly OnnxTensorInput[]
}

export interface OnnxInput extends OnnxGraphInput {
  functions?: readonly { name: string; domain: string; nodes: readonly OnnxNodeInput[] }[]
  domains?: readonly string[]
}

export const onnxOf = ({ functions = [], domains = [], ...graph }: OnnxInput): Buffer =>
  Buffer.concat([
    protoNumber(1, 9),
    protoText(2, 'pytorch'),
    protoText(3, '2.4.0'),
    protoMessage(7, graphOf(graph)),
    ...['', ...domains].map((domain) => protoMessage(8, Buffer.concat([protoText(1, domain), protoNumber(2, 17)]))),
    ...functions.map(({ name, domain, nodes }) =>
      protoMessage(
        25,
        Buffer.concat([
          protoText(1, name),
          ...nodes.map((node, i) => protoMessage(7, nodeOf(node, i))),
          protoMessage(9, Buffer.concat([protoText(1, ''), protoNumber(2, 17)])),
          protoText(10, domain),
        ]),
      ),
    ),
  ])

/** A linear layer: what exporters write, with its weights inside. */
export const soundOnnx = (): Buffer =>
  onnxOf({
    nodes: [{ type: 'MatMul' }, { type: 'Add' }, { type: 'FusedMatMul', domain: 'com.microsoft' }],
    tensors: [
      { name: 'weight', values: [0.5, -0.25, 1, 2] },
      { name: 'bias', values: [0, 1] },
    ],
  })

function graphOf({ nodes, tensors = [] }: OnnxGraphInput): Buffer {
  return Buffer.concat([
    ...nodes.map((node, i) => protoMessage(1, nodeOf(node, i))),
    protoText(2, 'main'),
    ...tensors.map((tensor) => protoMessage(5, tensorOf(tensor))),
  ])
}

function nodeOf({ type, domain = '', subgraph, tensor, texts = {} }: OnnxNodeInput, index: number): Buffer {
  return Buffer.concat([
    protoText(1, 'x'),
    protoText(2, `y${index}`),
    protoText(3, `node_${index}`),
    protoText(4, type),
    ...(subgraph ? [attribute('then_branch', 5, protoMessage(6, graphOf(subgraph)))] : []),
    ...(tensor ? [attribute('value', 4, protoMessage(5, tensorOf(tensor)))] : []),
    ...Object.entries(texts).map(([name, text]) => attribute(name, 3, protoText(4, text))),
    ...(domain === '' ? [] : [protoText(7, domain)]),
  ])
}

const attribute = (name: string, type: number, value: Buffer): Buffer =>
  protoMessage(5, Buffer.concat([protoText(1, name), value, protoNumber(20, type)]))

function tensorOf({ name, values = [], external }: OnnxTensorInput): Buffer {
  const raw = Buffer.from(new Float32Array(values).buffer)
  return Buffer.concat([
    protoNumber(1, external ? 4 : values.length),
    protoNumber(2, 1),
    protoText(8, name),
    ...(external
      ? external.map(([key, value]) => protoMessage(13, Buffer.concat([protoText(1, key), protoText(2, value)])))
      : [protoMessage(9, raw)]),
    ...(external ? [protoNumber(14, 1)] : []),
  ])
}

const protoNumber = (field: number, value: number): Buffer => Buffer.concat([varint(field * 8), varint(value)])
const protoText = (field: number, text: string): Buffer => protoMessage(field, Buffer.from(text))

/** Length-delimited: texts, bytes and messages. */
export const protoMessage = (field: number, content: Uint8Array): Buffer =>
  Buffer.concat([varint(field * 8 + 2), varint(content.length), content])

function varint(value: number): Buffer {
  const bytes: number[] = []
  let rest = value
  do {
    bytes.push((rest % 128) + (rest >= 128 ? 128 : 0))
    rest = Math.floor(rest / 128)
  } while (rest > 0)
  return Buffer.from(bytes)
}
