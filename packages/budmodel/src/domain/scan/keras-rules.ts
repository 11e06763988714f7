/** What a serialised Keras object may name: deserialising imports the module and calls the class. */
import { oddPathReason, printable } from '../file-path.ts'
import type { JsonPair } from '../formats/json-pairs.ts'
import type { Severity } from './scan-report.ts'

export interface KerasProblem {
  severity: Severity
  rule: string
  /** The end of "the file …". */
  message: string
  evidence: string
}

export const kerasKeys: ReadonlySet<string> = new Set([
  'class_name',
  'module',
  'registered_name',
  'config',
  'function',
  'function_type',
  'vocabulary',
])

/** Under which names Keras itself is imported. */
const ROOTS = [
  'keras.api._v2.keras',
  'keras._tf_keras.keras',
  'tensorflow.python.keras',
  'tensorflow.keras',
  'tf_keras.src',
  'tf_keras',
  'tf.keras',
  'keras.src',
  'keras.api',
  'keras',
]
/** Parts of Keras that hold layers and what layers are made of; others download, read and switch off checks. */
const PARTS = new Set([
  '',
  'activations',
  'constraints',
  'dtype_policies',
  'engine',
  'initializers',
  'layers',
  'losses',
  'metrics',
  'mixed_precision',
  'models',
  'ops',
  'optimizers',
  'quantizers',
  'random',
  'regularizers',
])
const ADDONS = new Set(['keras_hub', 'keras_nlp', 'keras_cv', 'keras_rs'])
/** Classes that run code or load files they are given. */
const CODE_CLASSES: Readonly<Record<string, { rule: string; what: string }>> = {
  Lambda: { rule: 'keras-lambda', what: 'holds a Lambda layer, whose Python runs when the model is loaded or used' },
  __lambda__: { rule: 'keras-lambda', what: 'holds a marshalled Python function, which runs when the model is loaded' },
  TorchModuleWrapper: {
    rule: 'keras-torch-module',
    what: 'holds a TorchModuleWrapper, whose pickle is loaded with it',
  },
  TFSMLayer: { rule: 'keras-saved-model', what: 'holds a TFSMLayer, which runs a TensorFlow graph from another place' },
}
/** Python's own functions that no layer is called by. */
const PYTHON_FUNCTIONS =
  /^(eval|exec|compile|open|__import__|getattr|setattr|delattr|globals|locals|vars|input|breakpoint|memoryview|exit|quit|help|print)$/
/** TensorFlow symbols that read, write or call out. */
const TENSORFLOW_EFFECTS =
  /(^|\.)(io|raw_ops|gfile|py_function|numpy_function|py_func|load_op_library|saved_model|data)(\.|$)/

/** Judges one pair by itself: wherever it stands, it names what a loader would import or call. */
export function judgeKerasPair({ key, value, isWhole }: JsonPair): KerasProblem | undefined {
  if (!isWhole && value === undefined) return obscured(key)
  if (value === undefined) return undefined
  if (!isWhole && key !== 'config') return key === 'function' || key === 'vocabulary' ? judgeLong(key) : obscured(key)
  switch (key) {
    case 'class_name':
      return judgeClass(value)
    case 'module':
      return judgeModule(value)
    case 'registered_name':
      return judgeRegistered(value)
    case 'config':
      return PYTHON_FUNCTIONS.test(value) || isHiddenPart(value) ? pythonFunction(value) : undefined
    case 'function_type':
      return value === 'lambda'
        ? problem('block', 'keras-lambda', 'holds a function as marshalled Python', value)
        : undefined
    case 'function':
      return TENSORFLOW_EFFECTS.test(value)
        ? problem('block', 'keras-tensorflow-call', `calls TensorFlow’s ${printable(value)}`, value)
        : undefined
    case 'vocabulary':
      return judgeVocabulary(value)
    default:
      return undefined
  }
}

function judgeClass(name: string): KerasProblem | undefined {
  const known = Object.hasOwn(CODE_CLASSES, name) ? CODE_CLASSES[name] : undefined
  if (known) return problem('block', known.rule, known.what, name)
  if (PYTHON_FUNCTIONS.test(name) || isHiddenPart(name)) return pythonFunction(name)
  return undefined
}

/** "utils.get_file" in the module "keras" is `keras.utils.get_file`. */
const isHiddenPart = (name: string): boolean =>
  /^(utils|config|saving|datasets|applications|callbacks|export|backend|src|legacy|tree|wrappers)\.[\w.]+$/.test(name)

function judgeModule(module: string): KerasProblem | undefined {
  if (module === '' || module === 'builtins') return undefined
  const root = ROOTS.find((candidate) => module === candidate || module.startsWith(`${candidate}.`))
  const shown = printable(module.slice(0, 200))
  if (root !== undefined) {
    const [part = ''] = module.slice(root.length + 1).split('.')
    if (PARTS.has(part)) return undefined
    return problem('block', 'keras-module', `names ${shown}, a part of Keras that models are not made of`, module)
  }
  if (ADDONS.has(module.split('.')[0] ?? ''))
    return problem('warn', 'keras-custom-object', `needs the package of ${shown}`, module)
  return problem(
    'block',
    'keras-module',
    `names the Python module ${shown}, which is imported when the model is loaded`,
    module,
  )
}

function judgeRegistered(name: string): KerasProblem | undefined {
  const [owner, rest] = name.split('>')
  if (rest === undefined || owner === 'keras' || owner === 'keras_hub' || owner === 'keras_nlp') return undefined
  return problem('warn', 'keras-custom-object', `needs the custom object ${printable(name.slice(0, 200))}`, name)
}

function judgeVocabulary(path: string): KerasProblem | undefined {
  const odd = oddPathReason(path)
  const what = `reads its vocabulary from "${printable(path.slice(0, 200))}"`
  return odd
    ? problem('block', 'keras-reads-path', `${what}, a path that ${odd}`, path)
    : problem('warn', 'keras-reads-path', what, path)
}

const judgeLong = (key: string): KerasProblem =>
  key === 'function'
    ? problem('block', 'keras-lambda', 'holds a function as a long text, which can only be code', key)
    : problem('warn', 'keras-reads-path', 'names a vocabulary by a text that is too long for a path', key)

const obscured = (key: string): KerasProblem =>
  problem('block', 'keras-obscured', `hides the value of "${key}" behind blanks or length`, key)

const pythonFunction = (name: string): KerasProblem =>
  problem('block', 'keras-python-call', `names the function ${printable(name)}`, name)

const problem = (severity: Severity, rule: string, message: string, evidence: string): KerasProblem => ({
  severity,
  rule,
  message,
  evidence: printable(evidence.slice(0, 300)),
})
