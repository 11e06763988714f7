/** No input makes an inspection throw, hang, or claim more bytes than there are. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { archiveCases } from '../../testing/corpus/archives.ts'
import type { CorpusCase } from '../../testing/corpus/corpus-case.ts'
import { ggufCases } from '../../testing/corpus/gguf.ts'
import { kerasCases } from '../../testing/corpus/keras.ts'
import { numpyCases } from '../../testing/corpus/numpy.ts'
import { onnxCases } from '../../testing/corpus/onnx.ts'
import { pickleSequenceCases } from '../../testing/corpus/pickle-sequences.ts'
import { damaged } from '../../testing/damaged-files.ts'
import { fuzzRuns } from '../../testing/fuzz-runs.ts'
import { pickleOf, pickleOp, stateDictPickle } from '../../testing/pickle-writer.ts'
import { soundSafetensors, withHeader } from '../../testing/safetensors-writer.ts'
import { zipOf } from '../../testing/zip-writer.ts'
import { pickleOpcodes } from '../formats/pickle-opcodes.ts'
import { fileInMemory } from '../formats/ranged-file.ts'
import { inspectFile } from './inspect-file.ts'

const RUNS = { numRuns: fuzzRuns(), seed: 20_260_101 }

async function holds(path: string, content: Uint8Array): Promise<void> {
  const scan = await inspectFile(fileInMemory(path, content))
  expect(scan.bytes_covered).toBeGreaterThanOrEqual(0)
  expect(scan.bytes_covered).toBeLessThanOrEqual(content.length)
  for (const entry of scan.findings) expect(entry.message.length).toBeGreaterThan(0)
}

const opcode = fc.constantFrom(...pickleOpcodes.keys())
const opcodeSoup = fc
  .array(
    fc.oneof(
      opcode.map((code) => Buffer.of(code)),
      fc.uint8Array({ maxLength: 9 }),
      fc.constantFrom(Buffer.from('os\nsystem\n'), Buffer.from('1\n')),
    ),
    { maxLength: 60 },
  )
  .map((parts) => Buffer.concat([Buffer.of(0x80, 4), ...parts]))

const MAX_SAMPLE_BYTES = 20_000
/** The corpus' own files, attacks included: the most twisted samples there are. */
const samplesOf = (cases: readonly CorpusCase[]): Buffer[] =>
  cases
    .flatMap(({ files }) => Object.values(files).map((content) => Buffer.from(content)))
    .filter(({ length }) => length < MAX_SAMPLE_BYTES)

describe('inspecting damaged files', () => {
  const torch = zipOf([
    {
      name: 'a/data.pkl',
      content: stateDictPickle([{ name: 'w', storage: 'FloatStorage', elements: 4 }]),
      deflate: true,
    },
    { name: 'a/data/0', content: Buffer.alloc(16) },
  ])
  const corpora: [string, string, fc.Arbitrary<Uint8Array>][] = [
    ['safetensors', 'model.safetensors', damaged(soundSafetensors())],
    [
      'safetensors headers',
      'model.safetensors',
      fc.json().map((text) => withHeader(Buffer.from(text), Buffer.alloc(8))),
    ],
    ['torch zips', 'model.pt', damaged(torch)],
    ['pickles', 'model.bin', damaged(stateDictPickle([{ name: 'w', storage: 'FloatStorage', elements: 4 }]))],
    [
      'sequences of pickles and what follows them',
      'model.bin',
      damaged(
        ...samplesOf(pickleSequenceCases.filter(({ files }) => 'pytorch_model.bin' in files || 'state.bin' in files)),
      ),
    ],
    [
      'packed pickles',
      'model.pkl.z',
      damaged(...samplesOf(pickleSequenceCases.filter(({ name }) => /zlib|joblib/.test(name)))),
    ],
    ['pickle opcodes in any order', 'weights.pkl', opcodeSoup],
    ['any bytes', 'file.dat', fc.uint8Array({ maxLength: 700 })],
    ['GGUF', 'model.gguf', damaged(...samplesOf(ggufCases))],
    ['ONNX', 'model.onnx', damaged(...samplesOf(onnxCases))],
    ['Keras', 'model.keras', damaged(...samplesOf(kerasCases))],
    ['numpy arrays', 'a.npy', damaged(...samplesOf(numpyCases))],
    ['archives', 'model.tar', damaged(...samplesOf(archiveCases.filter(({ name }) => !name.endsWith('-bomb'))))],
    [
      'any bytes called numpy',
      'a.npy',
      fc.uint8Array({ maxLength: 60 }).map((rest) => Buffer.concat([Buffer.from('\x93NUMPY', 'latin1'), rest])),
    ],
  ]
  for (const [what, path, content] of corpora) {
    it(`survives ${what}`, { timeout: 60_000 + fuzzRuns() * 60 }, () =>
      fc.assert(
        fc.asyncProperty(content, (bytes) => holds(path, bytes)),
        RUNS,
      ),
    )
  }

  it('never passes a pickle that names os.system, wherever it stands among other values', async () => {
    const filler = fc.constantFrom(
      pickleOp.none(),
      pickleOp.int(7),
      pickleOp.shortText('x'),
      pickleOp.emptyList(),
      pickleOp.emptyDict(),
    )
    const around = fc.tuple(fc.array(filler, { maxLength: 20 }), fc.array(filler, { maxLength: 20 }), fc.boolean())
    const property = fc.asyncProperty(around, async ([before, after, byStack]) => {
      const named = byStack
        ? [pickleOp.shortText('os'), pickleOp.memoize(), pickleOp.shortText('system'), pickleOp.stackGlobal()]
        : [pickleOp.global('os', 'system')]
      const content = pickleOf(pickleOp.proto(4), ...before, ...named, ...after, pickleOp.stop())
      const { findings } = await inspectFile(fileInMemory('weights.bin', content))
      expect(findings.map(({ evidence }) => evidence)).toContain('os.system')
    })
    await fc.assert(property, RUNS)
  })
})
