/** What a file is, by its first bytes and only then by its name: names lie. */
import { constants, inflateSync } from 'node:zlib'
import { extensionOf, innermostName } from '../file-path.ts'
import { looksLikeLzma } from '../formats/lzma-alone.ts'
import { looksLikeOnnx } from '../formats/onnx.ts'
import { looksLikePickle } from '../formats/pickle-walk.ts'
import { looksLikeSafetensors } from '../formats/safetensors.ts'
import { looksLikeTar } from '../formats/tar.ts'
import { compiledFormat, formatByExtension } from './compiled-formats.ts'

export type Format =
  | 'executable'
  | 'safetensors'
  | 'zip'
  | 'pickle'
  | 'numpy'
  | 'gguf'
  | 'hdf5'
  | 'onnx'
  | 'tar'
  | 'gzip'
  | 'zstd'
  | 'zlib'
  | 'unsupported'
  | 'model-config'
  | 'json'
  | 'yaml'
  | 'template'
  | 'notebook'
  | 'script'
  | 'text'
  | 'binary'

export interface Detected {
  format: Format
  /** What exactly, for people: "ELF executable", "GGUF". */
  label: string
}

/** numpy takes a .npy or .npz without its own signature for a pickle. */
const PICKLE_EXTENSIONS = new Set(['.pkl', '.pickle', '.pt', '.pth', '.ckpt', '.joblib', '.dill', '.p', '.npy', '.npz'])
const SCRIPT_EXTENSIONS = new Set([
  '.py',
  '.pyw',
  '.sh',
  '.bash',
  '.bat',
  '.cmd',
  '.ps1',
  '.js',
  '.mjs',
  '.pl',
  '.rb',
  '.lua',
])
const LIBRARY_EXTENSIONS = new Set(['.exe', '.dll', '.so', '.dylib', '.com', '.msi', '.jar', '.pyc', '.pyd', '.class'])
const CONFIG_NAMES = new Set([
  'config.json',
  'tokenizer_config.json',
  'generation_config.json',
  'preprocessor_config.json',
  'processor_config.json',
  'adapter_config.json',
  'modules.json',
  'model_index.json',
  'video_preprocessor_config.json',
])
const MAX_PROBE_BYTES = 16 * 1024 * 1024
const TEMPLATE_NAME = /\.(jinja|jinja2|j2)$|^chat_template\./i
/** What a file has to be for its name, when its content is not known by a signature. */
const EXPECTED: Record<string, Detected> = {
  '.gguf': { format: 'gguf', label: 'GGUF' },
  '.h5': { format: 'hdf5', label: 'HDF5' },
  '.hdf5': { format: 'hdf5', label: 'HDF5' },
  '.keras': { format: 'hdf5', label: 'Keras' },
  '.onnx': { format: 'onnx', label: 'ONNX' },
}
const MAGICS: { label: string; format: Format; bytes: number[] }[] = [
  { label: 'ELF executable', format: 'executable', bytes: [0x7f, 0x45, 0x4c, 0x46] },
  { label: 'Mach-O executable', format: 'executable', bytes: [0xfe, 0xed, 0xfa, 0xce] },
  { label: 'Mach-O executable', format: 'executable', bytes: [0xfe, 0xed, 0xfa, 0xcf] },
  { label: 'Mach-O executable', format: 'executable', bytes: [0xce, 0xfa, 0xed, 0xfe] },
  { label: 'Mach-O executable', format: 'executable', bytes: [0xcf, 0xfa, 0xed, 0xfe] },
  { label: 'Mach-O or Java executable', format: 'executable', bytes: [0xca, 0xfe, 0xba, 0xbe] },
  { label: 'WebAssembly program', format: 'executable', bytes: [0x00, 0x61, 0x73, 0x6d] },
  { label: 'zip', format: 'zip', bytes: [0x50, 0x4b, 0x03, 0x04] },
  { label: 'numpy array', format: 'numpy', bytes: [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59] },
  { label: 'GGUF', format: 'gguf', bytes: [0x47, 0x47, 0x55, 0x46] },
  { label: 'HDF5', format: 'hdf5', bytes: [0x89, 0x48, 0x44, 0x46, 0x0d, 0x0a, 0x1a, 0x0a] },
  { label: 'gzip archive', format: 'gzip', bytes: [0x1f, 0x8b, 0x08] },
  { label: 'bzip2 archive', format: 'unsupported', bytes: [0x42, 0x5a, 0x68] },
  { label: 'xz archive', format: 'unsupported', bytes: [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00] },
  { label: 'zstd archive', format: 'zstd', bytes: [0x28, 0xb5, 0x2f, 0xfd] },
  { label: 'lz4 archive', format: 'unsupported', bytes: [0x04, 0x22, 0x4d, 0x18] },
  { label: 'archive of an old joblib', format: 'unsupported', bytes: [0x5a, 0x46, 0x30, 0x78] },
  { label: '7z archive', format: 'unsupported', bytes: [0x37, 0x7a, 0xbc, 0xaf, 0x27, 0x1c] },
  { label: 'RAR archive', format: 'unsupported', bytes: [0x52, 0x61, 0x72, 0x21, 0x1a, 0x07] },
]

/** `head`: the first bytes, at least 512 where the file has them. `hasZipEnd`: a zip directory lies at its end. */
export function detectFormat(path: string, head: Uint8Array, fileBytes: number, hasZipEnd: boolean): Detected {
  const name = innermostName(path)
  const extension = extensionOf(name)
  const magic = MAGICS.find(({ bytes }) => bytes.every((byte, i) => head[i] === byte))
  if (magic) return { format: magic.format, label: magic.label }
  const compiled = isText(head) ? undefined : compiledFormat(head)
  if (compiled) return { format: 'unsupported', label: compiled }
  if (isPortableExecutable(head)) return { format: 'executable', label: 'Windows executable' }
  if (looksLikeTar(head)) return { format: 'tar', label: 'tar archive' }
  if (isZlib(head)) return { format: 'zlib', label: 'zlib' }
  if (looksLikeLzma(head)) return { format: 'unsupported', label: 'lzma archive' }
  if (extension === '.safetensors' || looksLikeSafetensors(head, fileBytes))
    return { format: 'safetensors', label: 'safetensors' }
  if (isBinaryPickle(head) || PICKLE_EXTENSIONS.has(extension) || isTorchWeights(name))
    return { format: 'pickle', label: 'pickle' }
  if (hasZipEnd) return { format: 'zip', label: 'zip' }
  if (LIBRARY_EXTENSIONS.has(extension)) return { format: 'executable', label: `program (${extension})` }
  const expected = EXPECTED[extension]
  if (expected) return expected
  // A TensorFlow graph may be written so that it begins like ONNX; its loader goes by the name.
  const unsupported = formatByExtension(extension)
  if (unsupported) return { format: 'unsupported', label: unsupported }
  if (looksLikeOnnx(head) && !isText(head)) return { format: 'onnx', label: 'ONNX' }
  return detectText(name, extension, head)
}

function detectText(name: string, extension: string, head: Uint8Array): Detected {
  if (CONFIG_NAMES.has(name)) return { format: 'model-config', label: 'config' }
  if (TEMPLATE_NAME.test(name)) return { format: 'template', label: 'chat template' }
  if (extension === '.json') return { format: 'json', label: 'text' }
  if (extension === '.yaml' || extension === '.yml') return { format: 'yaml', label: 'YAML' }
  if (extension === '.ipynb') return { format: 'notebook', label: 'notebook' }
  if (SCRIPT_EXTENSIONS.has(extension) || (head[0] === 0x23 && head[1] === 0x21))
    return { format: 'script', label: 'script' }
  return isText(head) ? { format: 'text', label: 'text' } : { format: 'binary', label: 'binary' }
}

/** Weight files that engines load with torch.load whatever they contain. */
const isTorchWeights = (name: string): boolean =>
  /^(pytorch_model|model|adapter_model|consolidated)[\w.-]*\.bin$/.test(name)

/** A list of words may begin like a pickle of lines; whether it is one is seen when it is followed. */
const isBinaryPickle = (head: Uint8Array): boolean => head[0] === 0x80 && looksLikePickle(head)

/** Two bytes alone are found in any file: what follows them has to unpack. */
function isZlib(head: Uint8Array): boolean {
  const [method = 0, flags = 0] = head
  if (method !== 0x78 || (method * 256 + flags) % 31 !== 0) return false
  try {
    return inflateSync(head, { finishFlush: constants.Z_SYNC_FLUSH, maxOutputLength: MAX_PROBE_BYTES }).length > 0
  } catch (error) {
    return error instanceof RangeError
  }
}

/** "MZ" alone is two bytes of any weight file: the header it points to must be there too. */
function isPortableExecutable(head: Uint8Array): boolean {
  if (head[0] !== 0x4d || head[1] !== 0x5a || head.length < 64) return false
  const at = new DataView(head.buffer, head.byteOffset).getUint32(0x3c, true)
  return at + 4 <= head.length && head[at] === 0x50 && head[at + 1] === 0x45 && head[at + 2] === 0 && head[at + 3] === 0
}

function isText(head: Uint8Array): boolean {
  if (head.includes(0)) return false
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(head, { stream: true })
    return true
  } catch {
    return false
  }
}
