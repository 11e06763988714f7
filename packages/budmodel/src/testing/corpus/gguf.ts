/** GGUF files that lie about their sizes, carry an escaping template or hide something else, and sound ones. */
import { type GgufInput, type GgufTensorInput, ggufOf, soundGguf } from '../gguf-writer.ts'
import { pickleOp as p, pickleOf } from '../pickle-writer.ts'
import { zipOf } from '../zip-writer.ts'
import type { CorpusCase } from './corpus-case.ts'

const osSystem = pickleOf(p.proto(2), p.global('os', 'system'), p.text('id'), p.tuple1(), p.reduce(), p.stop())
const architecture: [string, GgufInput] = ['general.architecture', { type: 'text', value: 'llama' }]
const tensor = (change: Partial<GgufTensorInput>): GgufTensorInput => ({
  name: 'token_embd.weight',
  shape: [32, 2],
  type: 0,
  bytes: 256,
  ...change,
})
const lengthOf = (value: bigint): Buffer => {
  const bytes = Buffer.alloc(8)
  bytes.writeBigUInt64LE(value)
  return bytes
}

const bad = (name: string, content: Uint8Array, rule: string, why: string, published?: string): CorpusCase => ({
  name: `gguf-${name}`,
  kind: 'malicious',
  files: { 'model.gguf': content },
  expects: [rule],
  why,
  ...(published === undefined ? {} : { published }),
})

const clean = (name: string, files: Record<string, Uint8Array>, why: string): CorpusCase => ({
  name: `gguf-${name}`,
  kind: 'clean',
  files,
  expects: [],
  why,
})

export const ggufCases: readonly CorpusCase[] = [
  bad(
    'template-escape',
    soundGguf({}, "{{ ''.__class__.__mro__[1].__subclasses__() }}"),
    'template-escape',
    'Its chat template walks to every class of the process that renders it.',
    'CVE-2024-34359',
  ),
  bad(
    'pair-count',
    ggufOf([architecture], [], { pairCount: 2n ** 62n }),
    'gguf-header-invalid',
    'Announces more key-value pairs than fit: an unchecked reader allocates too little and writes beyond it.',
    'CVE-2024-23605',
  ),
  bad(
    'tensor-count',
    ggufOf([architecture], [tensor({})], { tensorCount: 2n ** 61n }),
    'gguf-header-invalid',
    'Announces more tensors than fit, so that the size of the table overflows.',
    'CVE-2024-21836',
  ),
  bad(
    'text-length',
    ggufOf([architecture, ['general.name', { type: 'raw', code: 8, bytes: lengthOf(2n ** 64n - 1n) }]], []),
    'gguf-length-invalid',
    'A text of 2^64 − 1 bytes: adding the final zero wraps to an allocation of nothing.',
    'CVE-2024-23496',
  ),
  bad(
    'list-length',
    ggufOf(
      [
        architecture,
        [
          'tokenizer.ggml.scores',
          { type: 'raw', code: 9, bytes: Buffer.concat([Buffer.from([6, 0, 0, 0]), lengthOf(2n ** 62n)]) },
        ],
      ],
      [],
    ),
    'gguf-length-invalid',
    'A list of 2^62 numbers, whose size in bytes overflows.',
    'CVE-2024-21825',
  ),
  bad(
    'dimensions',
    ggufOf([architecture], [tensor({ shape: Array.from({ length: 9 }, () => 1) })]),
    'gguf-tensor-invalid',
    'A tensor of nine dimensions, written beyond the four that readers keep.',
    'CVE-2024-21802',
  ),
  bad(
    'size-overflow',
    ggufOf([architecture], [tensor({ shape: [2n ** 40n, 2n ** 40n] })]),
    'gguf-tensor-invalid',
    'A shape whose size in bytes overflows, so that the buffer is too small for its data.',
    'CVE-2025-53630',
  ),
  bad(
    'overlap',
    ggufOf([architecture], [tensor({}), tensor({ name: 'b', offset: 128 })]),
    'gguf-overlap',
    'Two tensors share bytes: what one tool checks is not what another loads.',
  ),
  bad(
    'hole',
    ggufOf([architecture], [tensor({}), tensor({ name: 'b', offset: 512 }), tensor({ name: 'c', offset: 768 })]),
    'gguf-hole',
    'Bytes between tensors that no tool reads can hold anything.',
  ),
  bad(
    'outside',
    ggufOf([architecture], [tensor({ offset: 2 ** 40 })]),
    'gguf-cut-short',
    'A tensor far behind the end.',
  ),
  bad(
    'duplicate-key',
    ggufOf([architecture, ['general.architecture', { type: 'text', value: 'gpt2' }]], []),
    'gguf-duplicate-key',
    'States its architecture twice: which one counts depends on the program.',
  ),
  bad(
    'nested-lists',
    ggufOf(
      [
        architecture,
        [
          'x',
          {
            type: 'raw',
            code: 9,
            bytes: Buffer.concat([Buffer.from([9, 0, 0, 0]), lengthOf(1n), Buffer.from([9, 0, 0, 0]), lengthOf(0n)]),
          },
        ],
      ],
      [],
    ),
    'gguf-metadata-invalid',
    'Lists in lists drive a recursive reader off its stack.',
  ),
  bad(
    'zip-behind',
    soundGguf({
      trailing: zipOf([{ name: 'archive/data.pkl', content: osSystem }], { prefix: soundGguf() }).subarray(
        soundGguf().length,
      ),
    }),
    'pickle-global',
    'A sound GGUF with a torch archive behind it: torch.load runs what the archive holds.',
  ),
  bad('pickle', osSystem, 'pickle-global', 'A pickle that is only called GGUF.'),
  clean('llama', { 'tiny.gguf': soundGguf() }, 'Every kind of value, a chat template, quantised tensors.'),
  clean('version-2', { 'tiny.gguf': soundGguf({ version: 2 }) }, 'The version before the present one.'),
  clean(
    'vocabulary',
    {
      'vocab.gguf': ggufOf(
        [
          architecture,
          ['tokenizer.ggml.tokens', { type: 'texts', value: Array.from({ length: 5000 }, (_, i) => `token ${i}`) }],
        ],
        [],
      ),
    },
    'A tokenizer alone has no tensors.',
  ),
]
