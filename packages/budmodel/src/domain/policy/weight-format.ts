/** Which files hold weights in another format than safetensors: by what their bytes are, else by their name. */
import { extensionOf } from '../file-path.ts'
import type { ScannedFile } from '../scan/scan-report.ts'

/** `format` of a scan report → what people call it. Pickles and torch archives run code as they are read. */
const FORMATS: Readonly<Record<string, string>> = {
  pickle: 'a pickle',
  torch: 'a PyTorch archive',
  'torch-legacy': 'a PyTorch pickle',
  torchscript: 'a TorchScript archive',
  numpy: 'a numpy array',
  npz: 'a numpy archive',
  hdf5: 'HDF5',
  keras: 'Keras',
  onnx: 'ONNX',
  gguf: 'GGUF',
  ggml: 'GGML',
  'tensorflow graph': 'a TensorFlow graph',
  'tensorrt engine': 'a TensorRT engine',
  'model archive': 'a model archive',
  ...Object.fromEntries(
    [
      ...['TensorFlow Lite model', 'ONNX Runtime model', 'TorchScript for mobiles', 'ExecuTorch program', 'RKNN model'],
      ...[
        'Ascend model',
        'Hailo program',
        'Core ML model',
        'Paddle model',
        'Caffe model',
        'Qualcomm model',
        'MNN model',
      ],
      ...['Vitis model', 'Torch7 model'],
    ].map((label) => [label.toLowerCase(), label]),
  ),
}

const EXTENSIONS: Readonly<Record<string, string>> = {
  '.bin': 'a binary weight file',
  '.pt': 'a PyTorch file',
  '.pth': 'a PyTorch file',
  '.ckpt': 'a checkpoint',
  '.pkl': 'a pickle',
  '.pickle': 'a pickle',
  '.joblib': 'a pickle',
  '.dill': 'a pickle',
  '.npy': 'a numpy array',
  '.npz': 'a numpy archive',
  '.h5': 'HDF5',
  '.hdf5': 'HDF5',
  '.keras': 'Keras',
  '.onnx': 'ONNX',
  '.gguf': 'GGUF',
  '.ggml': 'GGML',
  '.pb': 'a TensorFlow graph',
  '.tflite': 'a TensorFlow Lite model',
  '.msgpack': 'Flax weights',
  '.mlmodel': 'a Core ML model',
  '.engine': 'a TensorRT engine',
  '.plan': 'a TensorRT engine',
  '.nemo': 'a NeMo archive',
  '.mar': 'a model archive',
}

/** What it is, for people; undefined for safetensors and for files that are no weights. */
export function otherWeightFormat({ path, format }: Pick<ScannedFile, 'path' | 'format'>): string | undefined {
  if (format === 'safetensors') return undefined
  return FORMATS[format.toLowerCase()] ?? EXTENSIONS[extensionOf(path)]
}
