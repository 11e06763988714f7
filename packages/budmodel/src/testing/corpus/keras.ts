/** Keras models that import, call or read what they should not, and sound ones. */
import { type Hdf5Input, hdf5Of } from '../hdf5-writer.ts'
import { zipOf } from '../zip-writer.ts'
import type { CorpusCase } from './corpus-case.ts'

const dense = {
  module: 'keras.layers',
  class_name: 'Dense',
  config: {
    units: 3,
    activation: 'relu',
    kernel_initializer: {
      module: 'keras.initializers',
      class_name: 'GlorotUniform',
      config: {},
      registered_name: null,
    },
  },
  registered_name: null,
  build_config: { input_shape: [null, 2] },
}
const modelOf = (...layers: object[]): object => ({
  module: 'keras',
  class_name: 'Sequential',
  config: { name: 'sequential', layers },
  registered_name: 'Sequential',
  compile_config: {
    optimizer: { module: 'keras.optimizers', class_name: 'Adam', config: {}, registered_name: 'Adam' },
  },
})
const datasets = [
  { name: 'kernel', shape: [2, 3], content: Buffer.alloc(24, 0x3d) },
  { name: 'bias', shape: [3], content: Buffer.alloc(12) },
]
const kerasOf = (config: string, weights: Hdf5Input = { datasets }): Buffer =>
  zipOf([
    { name: 'metadata.json', content: Buffer.from('{"keras_version": "3.8.0", "date_saved": "2025-01-01@00:00:00"}') },
    { name: 'config.json', content: Buffer.from(config) },
    { name: 'model.weights.h5', content: hdf5Of(weights) },
  ])
const legacyOf = (config: string): Buffer =>
  hdf5Of({ attributes: { keras_version: '2.15.0', backend: 'tensorflow', model_config: config }, datasets })

const bad = (name: string, content: Uint8Array, rule: string, why: string, published?: string): CorpusCase => ({
  name: `keras-${name}`,
  kind: 'malicious',
  files: { [content.subarray(0, 2).toString() === 'PK' ? 'model.keras' : 'model.h5']: content },
  expects: [rule],
  why,
  ...(published === undefined ? {} : { published }),
})
const badLayer = (name: string, layer: object, rule: string, why: string, published?: string): CorpusCase =>
  bad(name, kerasOf(JSON.stringify(modelOf(dense, layer))), rule, why, published)

const lambda = {
  module: 'keras.layers',
  class_name: 'Lambda',
  config: { function: { class_name: '__lambda__', config: { code: '4wAA' } } },
}
const legacyLambda = { class_name: 'Lambda', config: { function: ['4wAAAA==\n', null, null], function_type: 'lambda' } }

export const kerasCases: readonly CorpusCase[] = [
  badLayer('lambda', lambda, 'keras-lambda', 'Python bytecode runs when the model is loaded.', 'CVE-2024-3660'),
  bad(
    'legacy-lambda',
    legacyOf(JSON.stringify({ class_name: 'Sequential', config: { layers: [legacyLambda] } })),
    'keras-lambda',
    'The same in HDF5, where safe_mode is not asked.',
    'CVE-2025-9905',
  ),
  bad(
    'escaped-lambda',
    legacyOf('{"cl\\u0061ss_name": "Sequential", "config": {"layers": [{"class\\u005fname" \n: "L\\u0061mbda"}]}}'),
    'keras-lambda',
    'The name is written in escapes that JSON resolves.',
  ),
  badLayer(
    'import',
    { module: 'os', class_name: 'function', config: 'system', registered_name: 'system' },
    'keras-module',
    'Loading imports any module and calls any function of it.',
    'CVE-2025-1550',
  ),
  badLayer(
    'builtin',
    { module: 'builtins', class_name: 'function', config: 'exec', registered_name: 'exec' },
    'keras-python-call',
    'Python’s own exec by the name of its module.',
    'CVE-2025-1550',
  ),
  badLayer(
    'get-file',
    { module: 'keras.utils', class_name: 'function', config: 'get_file', registered_name: 'get_file' },
    'keras-module',
    'Downloads a file to any place with Keras’ own function.',
    'CVE-2025-8747',
  ),
  badLayer(
    'hidden-part',
    { module: 'keras', class_name: 'utils.get_file', config: {}, registered_name: null },
    'keras-python-call',
    'The same with half of the module’s name in the name of the class.',
  ),
  badLayer(
    'safe-mode-off',
    { module: 'keras.config', class_name: 'function', config: 'enable_unsafe_deserialization' },
    'keras-module',
    'Switches the check off before the next layer is loaded.',
    'CVE-2025-9906',
  ),
  badLayer(
    'torch-module',
    { module: 'keras.layers', class_name: 'TorchModuleWrapper', config: { module: 'gAKVAA==' }, registered_name: null },
    'keras-torch-module',
    'Loads a pickle from inside of the configuration.',
    'CVE-2025-49655',
  ),
  badLayer(
    'vocabulary',
    {
      module: 'keras.layers',
      class_name: 'StringLookup',
      config: { vocabulary: '/etc/passwd' },
      registered_name: null,
    },
    'keras-reads-path',
    'Reads any file as a vocabulary, which the model then shows.',
    'CVE-2025-12058',
  ),
  badLayer(
    'saved-model',
    { module: 'keras.layers', class_name: 'TFSMLayer', config: { filepath: '/tmp/other' }, registered_name: null },
    'keras-saved-model',
    'Runs a TensorFlow graph from another folder.',
  ),
  bad(
    'external-storage',
    kerasOf(JSON.stringify(modelOf(dense)), {
      datasets: [{ name: 'kernel', shape: [16], externalFile: '/etc/passwd' }],
    }),
    'hdf5-external-storage',
    'The weights are the bytes of another file.',
    'CVE-2026-1669',
  ),
  bad(
    'external-link',
    hdf5Of({ externalLinks: { kernel: { file: '/home/user/.aws/credentials', object: '/' } }, datasets }),
    'hdf5-external-link',
    'A link that leads into another file.',
  ),
  bad(
    'virtual-dataset',
    hdf5Of({ datasets: [{ name: 'kernel', shape: [4], isVirtual: true }] }),
    'hdf5-virtual-dataset',
    'A dataset that is put together from other files.',
  ),
  bad(
    'shape-bomb',
    kerasOf(JSON.stringify(modelOf(dense)), { datasets: [{ name: 'kernel', shape: [2 ** 20, 2 ** 20] }] }),
    'hdf5-bomb',
    'A few bytes that take four terabytes of memory.',
    'CVE-2026-0897',
  ),
  bad(
    'behind-picture',
    hdf5Of({
      attributes: { model_config: JSON.stringify(legacyLambda) },
      userBlock: Buffer.concat([Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'), Buffer.alloc(504, 7)]),
    }),
    'keras-lambda',
    'HDF5 begins behind a picture: loaders find it there.',
  ),
  {
    name: 'keras-sound',
    kind: 'clean',
    files: { 'model.keras': kerasOf(JSON.stringify(modelOf(dense))) },
    expects: [],
    why: 'Layers, initializers and an optimizer of Keras.',
  },
  {
    name: 'keras-legacy',
    kind: 'clean',
    files: {
      'model.h5': legacyOf(
        JSON.stringify({
          class_name: 'Sequential',
          config: { layers: [{ class_name: 'Dense', config: { units: 3 } }] },
        }),
      ),
    },
    expects: [],
    why: 'The old format, as TensorFlow 2 writes it.',
  },
]
