/** Judges an ONNX model: the files it makes an engine read, and the operators that only foreign code provides. */
import { oddPathReason, printable } from '../file-path.ts'
import { type ExternalTensor, type OnnxOperator, walkOnnx } from '../formats/onnx.ts'
import type { RangedFile } from '../formats/ranged-file.ts'
import { FindingsByRule } from './findings-by-rule.ts'
import { type FileScan, type Finding, finding } from './scan-report.ts'

/** protobuf messages end here; larger models keep their tensors in other files. */
const MAX_BYTES = 2 ** 31

/** Domains whose operators the common runtimes bring along. */
const KNOWN_DOMAINS = new Set([
  '',
  'ai.onnx',
  'ai.onnx.ml',
  'ai.onnx.training',
  'ai.onnx.preview',
  'ai.onnx.preview.training',
  'com.microsoft',
  'com.microsoft.nchwc',
  'com.ms.internal.nhwc',
])
/** Run Python that stands outside of the model. */
const PYTHON_OPERATORS = new Set(['PyOp', 'PythonOp', 'PythonOpGrad', 'PyFunc', 'PyCustomOp'])
const RANGE_KEYS = new Set(['offset', 'length'])
const KNOWN_KEYS = new Set(['location', 'offset', 'length', 'checksum', 'basepath'])
/** onnxruntime takes the offset of such a tensor for an address in its own memory. */
const MEMORY_ADDRESS = /^\*\/_ORT_/

export async function inspectOnnx(file: RangedFile): Promise<FileScan> {
  if (file.bytes > MAX_BYTES) {
    const message = `${file.path} is larger than any ONNX model can be (2 GiB).`
    return { format: 'onnx', bytes_covered: 0, findings: [finding('warn', 'onnx-unreadable', message)] }
  }
  const findings = new FindingsByRule()
  const report = (found: Finding) => findings.add(found)
  const domains = new Map<string, OnnxOperator>()
  const walk = await walkOnnx(file, {
    externalTensor: (tensor) => judgeExternal(file, tensor).forEach(report),
    operator(operator) {
      if (!domains.has(operator.domain) && domains.size < 1000) domains.set(operator.domain, operator)
      judgeOperator(file, operator).forEach(report)
    },
  })
  for (const [domain, operator] of domains) {
    if (KNOWN_DOMAINS.has(domain) || walk.functionDomains.has(domain)) continue
    const named = printable(`${domain}.${operator.type}`)
    const message = `${file.path} calls operators of "${printable(domain)}" (${named}), which only a library of that domain can run. None is loaded.`
    report(finding('warn', 'onnx-custom-operator', message, { offset: operator.offset, evidence: named }))
  }
  if (walk.broken !== undefined)
    report(
      finding('warn', 'onnx-unreadable', `${file.path} is not an ONNX model to its end: it ${walk.broken}.`, {
        offset: walk.offset,
      }),
    )
  return { format: 'onnx', bytes_covered: walk.broken === undefined ? file.bytes : 0, findings: findings.all }
}

function judgeExternal(file: RangedFile, { name, offset, entries }: ExternalTensor): Finding[] {
  const findings: Finding[] = []
  const tensor = `${file.path}: tensor "${printable(name)}"`
  const found = (severity: Finding['severity'], rule: string, message: string, evidence: string) =>
    findings.push(finding(severity, rule, message, { offset, evidence: printable(evidence) }))
  for (const { key, value } of entries) {
    if (value === undefined) found('block', 'onnx-external-path', `${tensor} names a file by an over-long text.`, key)
    else if (key === 'location' || key === 'basepath') judgeLocation(tensor, value, found)
    else if (RANGE_KEYS.has(key) && !/^\d{1,15}$/.test(value))
      found(
        'block',
        'onnx-external-range',
        `${tensor} reads from a ${key} that is no size: "${printable(value)}".`,
        value,
      )
    else if (!KNOWN_KEYS.has(key) && !key.startsWith('prepacked')) {
      const message = `${tensor} has the unknown setting "${printable(key)}" for its file; some readers take it over unchecked.`
      found('warn', 'onnx-external-key', message, key)
    }
  }
  if (!entries.some(({ key }) => key === 'location'))
    found('warn', 'onnx-external-path', `${tensor} lies in another file, and which one is not said.`, name)
  return findings
}

function judgeLocation(
  tensor: string,
  location: string,
  found: (severity: Finding['severity'], rule: string, message: string, evidence: string) => void,
): void {
  const shown = printable(location)
  if (MEMORY_ADDRESS.test(location)) {
    found('block', 'onnx-memory-address', `${tensor} is read from the memory of the program that loads it.`, location)
    return
  }
  const odd = oddPathReason(location.replace(/^(\.\/)+/, ''))
  if (odd) found('block', 'onnx-external-path', `${tensor} is read from "${shown}", a path that ${odd}.`, location)
  else if (location.includes('/') && !location.startsWith('./'))
    found(
      'warn',
      'onnx-external-elsewhere',
      `${tensor} is read from "${shown}", which does not lie beside it.`,
      location,
    )
}

function judgeOperator(file: RangedFile, { type, domain, texts, offset }: OnnxOperator): Finding[] {
  if (PYTHON_OPERATORS.has(type) || domain === 'com.microsoft.python') {
    const message = `${file.path} calls the operator ${printable(type)}, which runs Python.`
    return [finding('block', 'onnx-python-operator', message, { offset, evidence: printable(type) })]
  }
  if (type !== 'EPContext') return []
  // Either a compiled program or the path of one: a path has no control characters.
  return texts
    .filter(
      ({ name, value }) => name === 'ep_cache_context' && /(^|[\\/])\.\.([\\/]|$)|^[\\/]|^[A-Za-z]:[\\/]/.test(value),
    )
    .map(({ value }) => {
      const message = `${file.path} loads a compiled program from "${printable(value.slice(0, 200))}", which leads out of its folder.`
      return finding('block', 'onnx-external-path', message, { offset, evidence: printable(value) })
    })
}
