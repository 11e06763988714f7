/** ONNX models that read files, memory or Python that is not theirs, and sound ones. */
import { onnxOf, protoMessage, soundOnnx } from '../onnx-writer.ts'
import type { CorpusCase } from './corpus-case.ts'

const external = (location: string, ...more: [string, string][]): Buffer =>
  onnxOf({ nodes: [{ type: 'MatMul' }], tensors: [{ name: 'weight', external: [['location', location], ...more] }] })
const stolen = { name: 'weight', external: [['location', '../../../etc/passwd']] } as const

const bad = (name: string, content: Uint8Array, rule: string, why: string, published?: string): CorpusCase => ({
  name: `onnx-${name}`,
  kind: 'malicious',
  files: { 'model.onnx': content },
  expects: [rule],
  why,
  ...(published === undefined ? {} : { published }),
})

export const onnxCases: readonly CorpusCase[] = [
  bad(
    'traversal',
    external('../../../etc/passwd', ['offset', '0'], ['length', '64']),
    'onnx-external-path',
    'Reads a file outside of its folder as weights.',
    'CVE-2022-25882',
  ),
  bad(
    'traversal-inside',
    external('weights/../../../etc/passwd'),
    'onnx-external-path',
    'The same behind a folder of its own, past a check of the beginning.',
    'CVE-2024-27318',
  ),
  bad('absolute', external('/proc/self/environ'), 'onnx-external-path', 'Reads the environment of the process.'),
  bad('windows-path', external('..\\..\\secret.bin'), 'onnx-external-path', 'The same for Windows.'),
  bad(
    'in-subgraph',
    onnxOf({ nodes: [{ type: 'If', subgraph: { nodes: [{ type: 'Identity' }], tensors: [stolen] } }] }),
    'onnx-external-path',
    'Hidden in the branch of an If.',
  ),
  bad(
    'in-attribute',
    onnxOf({ nodes: [{ type: 'Constant', tensor: stolen }] }),
    'onnx-external-path',
    'Hidden in the value of a Constant.',
  ),
  bad(
    'in-function',
    onnxOf({
      nodes: [{ type: 'Local', domain: 'local' }],
      functions: [{ name: 'Local', domain: 'local', nodes: [{ type: 'Constant', tensor: stolen }] }],
    }),
    'onnx-external-path',
    'Hidden in a function of the model.',
  ),
  bad(
    'memory-address',
    external('*/_ORT_MEM_ADDR_/*', ['offset', '140737488355328'], ['length', '4096']),
    'onnx-memory-address',
    'onnxruntime takes the offset for an address in its own memory.',
  ),
  bad(
    'negative-offset',
    external('weights.bin', ['offset', '-4096'], ['length', '64']),
    'onnx-external-range',
    'Reads in front of the mapped file.',
  ),
  bad(
    'python',
    onnxOf({ nodes: [{ type: 'PyOp', domain: 'com.microsoft' }] }),
    'onnx-python-operator',
    'Calls Python.',
  ),
  bad(
    'compiled-elsewhere',
    onnxOf({
      nodes: [{ type: 'EPContext', domain: 'com.microsoft', texts: { ep_cache_context: '../../tmp/engine.bin' } }],
    }),
    'onnx-external-path',
    'Loads a compiled program from another folder.',
  ),
  {
    ...bad('other-name', external('/etc/shadow'), 'onnx-external-path', 'An ONNX model under a name of no format.'),
    files: { 'weights.dat': external('/etc/shadow') },
  },
  bad(
    'many-remarks',
    onnxOf({
      nodes: [
        ...Array.from({ length: 300 }, (_, i) => ({ type: 'X', domain: `a${i}` })),
        { type: 'PyOp', domain: 'com.microsoft' },
      ],
    }),
    'onnx-python-operator',
    'Behind more remarks than anybody reads.',
  ),
  {
    name: 'onnx-sound',
    kind: 'clean',
    files: { 'model.onnx': soundOnnx() },
    expects: [],
    why: 'Weights inside, operators of the runtime.',
  },
  {
    name: 'onnx-external-beside',
    kind: 'clean',
    files: {
      'model.onnx': external('model.onnx.data', ['offset', '0'], ['length', '16']),
      'model.onnx.data': Buffer.alloc(16, 3),
    },
    expects: [],
    why: 'Weights of large models lie in a file beside the model.',
  },
  {
    name: 'onnx-own-functions',
    kind: 'clean',
    files: {
      'model.onnx': Buffer.concat([
        onnxOf({
          nodes: [{ type: 'Gelu', domain: 'local' }],
          functions: [{ name: 'Gelu', domain: 'local', nodes: [{ type: 'Erf' }] }],
          domains: ['local'],
        }),
        protoMessage(14, Buffer.concat([protoMessage(1, Buffer.from('author')), protoMessage(2, Buffer.from('x'))])),
      ]),
    },
    expects: [],
    why: 'A domain of its own, whose operators the model defines.',
  },
]
