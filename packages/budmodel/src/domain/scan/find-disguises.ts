/** Files that are not what their name says, and kinds of files that start programs without being one. */
import { baseName, extensionOf } from '../file-path.ts'
import type { RangedFile } from '../formats/ranged-file.ts'
import type { Detected, Format } from './detect-format.ts'
import { type Finding, finding } from './scan-report.ts'

/** What a file named as weights may be. */
const WEIGHTS: Record<string, readonly Format[]> = {
  '.safetensors': ['safetensors'],
  '.gguf': ['gguf'],
  '.bin': ['pickle', 'zip', 'safetensors', 'gguf', 'onnx', 'numpy', 'hdf5', 'text', 'binary', 'model-config', 'script'],
  '.pt': ['pickle', 'zip', 'tar', 'safetensors', 'binary'],
  '.pth': ['pickle', 'zip', 'tar', 'safetensors', 'binary'],
  '.ckpt': ['pickle', 'zip', 'tar', 'safetensors', 'hdf5', 'binary', 'text'],
}
/** Opened by what a desktop starts for them. */
const STARTING_EXTENSIONS = new Set([
  ...['.lnk', '.url', '.scr', '.pif', '.cpl', '.hta', '.vbs', '.vbe', '.wsf', '.wsh', '.jse', '.reg', '.inf', '.msc'],
  ...[
    '.desktop',
    '.appimage',
    '.command',
    '.applescript',
    '.scpt',
    '.workflow',
    '.action',
    '.deb',
    '.rpm',
    '.apk',
    '.xpi',
  ],
])
const SHORTCUT = '4c0000000114020000000000c000000000000046'
const OFFICE = 'd0cf11e0a1b11ae1'

/** `head`: the file's first bytes. */
export async function findDisguises(file: RangedFile, head: Uint8Array, detected: Detected): Promise<Finding[]> {
  const findings: Finding[] = []
  const extension = extensionOf(baseName(file.path))
  const { format, label } = detected
  const block = (rule: string, what: string) =>
    findings.push(finding('block', rule, `${file.path} ${what}.`, { offset: 0 }))
  const expected = WEIGHTS[extension]
  if (expected && format !== 'executable' && !expected.includes(format))
    block('format-disguised', `is named as weights and is ${label}, which no engine loads`)
  const start = Buffer.from(head.subarray(0, 20)).toString('hex')
  if (format !== 'executable') {
    if (start === SHORTCUT) block('executable', 'is a shortcut of Windows, which starts a program')
    else if (STARTING_EXTENSIONS.has(extension))
      block('executable', `starts a program when it is opened (${extension})`)
    else if (await hasFarProgramHeader(file, head)) block('executable', 'is a program (Windows executable)')
  }
  if (start.startsWith(OFFICE)) block('office-document', 'is an office document or installer, which may hold macros')
  return findings
}

/** "MZ" whose second header lies beyond the first bytes. */
async function hasFarProgramHeader(file: RangedFile, head: Uint8Array): Promise<boolean> {
  if (head[0] !== 0x4d || head[1] !== 0x5a || head.length < 64) return false
  const at = new DataView(head.buffer, head.byteOffset).getUint32(0x3c, true)
  return Buffer.from(await file.read(at, 4)).toString('latin1') === 'PE\0\0'
}
