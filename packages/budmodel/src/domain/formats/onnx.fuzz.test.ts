/** No protobuf makes the walk throw, hang or read without end, and no nesting hides a foreign file from it. */
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { countingFile, damaged } from '../../testing/damaged-files.ts'
import { fuzzRuns } from '../../testing/fuzz-runs.ts'
import { type OnnxGraphInput, onnxOf, protoMessage, soundOnnx } from '../../testing/onnx-writer.ts'
import { type ExternalTensor, walkOnnx } from './onnx.ts'

const RUNS = { numRuns: fuzzRuns(), seed: 20_260_103 }
const TIMEOUT = { timeout: 60_000 + fuzzRuns() * 20 }

async function walk(content: Uint8Array): Promise<{ external: ExternalTensor[]; broken: string | undefined }> {
  const { file, bytesRead } = countingFile('model.onnx', content)
  const external: ExternalTensor[] = []
  const { broken, offset } = await walkOnnx(file, {
    externalTensor: (tensor) => external.push(tensor),
    operator: () => undefined,
  })
  expect(bytesRead()).toBeLessThanOrEqual(2 * content.length)
  expect(offset).toBeLessThanOrEqual(content.length)
  return { external, broken }
}

const graph = (depth: number, minLength = 0): fc.Arbitrary<OnnxGraphInput> => {
  const tensor = fc.record({ name: fc.string({ maxLength: 5 }), values: fc.array(fc.float(), { maxLength: 4 }) })
  const node = fc.record(
    {
      type: fc.string({ maxLength: 6 }),
      domain: fc.string({ maxLength: 4 }),
      tensor,
      ...(depth > 0 ? { subgraph: graph(depth - 1) } : {}),
    },
    { requiredKeys: ['type'] },
  )
  return fc.record({ nodes: fc.array(node, { minLength, maxLength: 3 }), tensors: fc.array(tensor, { maxLength: 2 }) })
}

it('walks any sound model to its end', TIMEOUT, () =>
  fc.assert(
    fc.asyncProperty(graph(3, 1), async (input) => {
      expect(await walk(onnxOf(input))).toEqual({ external: [], broken: undefined })
    }),
    RUNS,
  ),
)

it('finds a foreign file in every branch of every depth', TIMEOUT, () =>
  fc.assert(
    fc.asyncProperty(graph(1), fc.nat(20), fc.boolean(), async (around, depth, inAttribute) => {
      const stolen = { name: 'w', external: [['location', '/etc/passwd']] } as const
      let inner: OnnxGraphInput = inAttribute
        ? { nodes: [{ type: 'Constant', tensor: stolen }] }
        : { nodes: [{ type: 'Relu' }], tensors: [stolen] }
      for (let i = 0; i < depth; i++) inner = { nodes: [...around.nodes, { type: 'If', subgraph: inner }] }
      const { external, broken } = await walk(onnxOf(inner))
      expect(broken).toBeUndefined()
      expect(external.map(({ entries }) => entries)).toEqual([[{ key: 'location', value: '/etc/passwd' }]])
    }),
    RUNS,
  ),
)

const large = onnxOf({
  nodes: [{ type: 'If', subgraph: { nodes: [{ type: 'Constant', tensor: { name: 't', values: [1] } }] } }],
  tensors: [{ name: 'w', external: [['location', 'w.bin']] }],
  functions: [{ name: 'F', domain: 'local', nodes: [{ type: 'Erf', texts: { a: 'b' } }] }],
})

it('survives damaged models and any bytes', TIMEOUT, () =>
  fc.assert(
    fc.asyncProperty(fc.oneof(damaged(soundOnnx(), large), fc.uint8Array({ maxLength: 300 })), async (content) => {
      await walk(content)
    }),
    RUNS,
  ),
)

it('stops at messages in messages without recursion', async () => {
  let content: Buffer = Buffer.alloc(0)
  for (let i = 0; i < 3000; i++) content = protoMessage(i % 3 === 2 ? 7 : i % 3 === 1 ? 1 : 5, content)
  const bomb = Buffer.concat([Buffer.from([8, 9]), nestedGraphs(2000)])
  for (const hostile of [content, bomb]) expect((await walk(hostile)).broken).toBeDefined()
})

/** graph → node → attribute → graph → … */
function nestedGraphs(depth: number): Buffer {
  let graph: Buffer = Buffer.alloc(0)
  for (let i = 0; i < depth; i++) graph = protoMessage(1, protoMessage(5, protoMessage(6, graph)))
  return protoMessage(7, graph)
}
