/**
 * Formats that are programs for some runtime more than weights: graphs that read files, compiled engines, serialised
 * objects of other languages. None has a reader here, so they are never counted as looked at, whatever their name.
 */

const at0 = (label: string, ...bytes: (string | number[])[]) =>
  bytes.map((start) => ({ label, at: 0, bytes: Buffer.from(start as string, 'latin1') }))
/** FlatBuffers name their schema behind the first offset. */
const flatBuffer = (label: string, ...names: string[]) =>
  names.map((name) => ({ label, at: 4, bytes: Buffer.from(name, 'latin1') }))

const SIGNATURES: readonly { label: string; at: number; bytes: Buffer }[] = [
  ...at0('TensorRT engine', 'ftrt'),
  ...flatBuffer('TensorFlow Lite model', 'TFL3', 'TFL2'),
  ...flatBuffer('ONNX Runtime model', 'ORTM'),
  ...flatBuffer('TorchScript for mobiles', 'PTMF'),
  ...flatBuffer('ExecuTorch program', 'ET11', 'ET12', 'ET13', 'ET14'),
  ...at0('RKNN model', 'RKNN'),
  ...at0('Ascend model', 'IMOD'),
  ...at0('Hailo program', '\x01HEF'),
  ...at0('GGML', 'lmgg', 'tjgg', 'fmgg', 'algg'),
  ...at0('LLVM bitcode', [0x42, 0x43, 0xc0, 0xde], [0xde, 0xc0, 0x17, 0x0b]),
  ...at0('MLIR bytecode', [0x4d, 0x4c, 0xef, 0x52]),
  ...at0('CUDA program', [0x50, 0xed, 0x55, 0xba]),
  ...at0('SPIR-V program', [0x03, 0x02, 0x23, 0x07], [0x07, 0x23, 0x02, 0x03]),
  ...at0('Metal library', 'MTLB'),
  ...at0('DirectX program', 'DXBC'),
  ...at0('Android program', 'dex\n'),
  ...at0('Lua bytecode', '\x1bLua', '\x1bLJ'),
  ...at0('serialised Java object', [0xac, 0xed, 0x00, 0x05]),
  ...at0('serialised R object', 'RDX2\n', 'RDX3\n', 'RDA2\n', 'RDA3\n', 'X\n\0\0\0\x02\0', 'X\n\0\0\0\x03\0'),
]

/** What the bytes are, for people; undefined when they are none of these. */
export const compiledFormat = (head: Uint8Array): string | undefined =>
  SIGNATURES.find(({ at, bytes }) => bytes.every((byte, i) => head[at + i] === byte))?.label

const EXTENSIONS: Readonly<Record<string, string>> = {
  '.ggml': 'GGML',
  '.pb': 'TensorFlow graph',
  '.pbtxt': 'TensorFlow graph',
  '.meta': 'TensorFlow graph',
  '.tflite': 'TensorFlow Lite model',
  '.engine': 'TensorRT engine',
  '.plan': 'TensorRT engine',
  '.trt': 'TensorRT engine',
  '.mlmodel': 'Core ML model',
  '.mil': 'Core ML model',
  '.pdmodel': 'Paddle model',
  '.nb': 'Paddle model',
  '.ort': 'ONNX Runtime model',
  '.pte': 'ExecuTorch program',
  '.caffemodel': 'Caffe model',
  '.prototxt': 'Caffe model',
  '.rknn': 'RKNN model',
  '.om': 'Ascend model',
  '.hef': 'Hailo program',
  '.dlc': 'Qualcomm model',
  '.mnn': 'MNN model',
  '.xmodel': 'Vitis model',
  '.mlir': 'MLIR program',
  '.bc': 'LLVM bitcode',
  '.ptx': 'CUDA program',
  '.cubin': 'CUDA program',
  '.fatbin': 'CUDA program',
  '.spv': 'SPIR-V program',
  '.metallib': 'Metal library',
  '.t7': 'Torch7 model',
  '.rds': 'serialised R object',
  '.rdata': 'serialised R object',
  '.tar': 'tar archive',
  '.mar': 'model archive',
  '.nemo': 'tar archive',
}

/** What a name announces, when nothing is known of the bytes. */
export const formatByExtension = (extension: string): string | undefined => EXTENSIONS[extension]
