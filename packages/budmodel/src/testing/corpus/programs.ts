/** Programs under innocent names, and names that deceive. */
import { eicarTestString } from '../../domain/scan/signature-search.ts'
import { zipOf } from '../zip-writer.ts'
import type { CorpusCase } from './corpus-case.ts'

const rest = Buffer.alloc(120, 3)
const starting = (hex: string): Buffer => Buffer.concat([Buffer.from(hex, 'hex'), rest])

function windowsProgram(headerAt: number): Buffer {
  const program = Buffer.alloc(headerAt + 64)
  program.write('MZ', 0, 'latin1')
  program.writeUInt32LE(headerAt, 0x3c)
  program.write('PE', headerAt, 'latin1')
  return program
}

const EXECUTABLE = ['executable']
const bad: [name: string, path: string, content: Uint8Array, rules: string[], why: string][] = [
  ['elf-named-bin', 'pytorch_model.bin', starting('7f454c4602010100'), EXECUTABLE, 'A Linux program named as weights.'],
  [
    'elf-named-safetensors',
    'model.safetensors',
    starting('7f454c4602010100'),
    ['executable', 'safetensors-header-too-large'],
    'A Linux program named as safetensors.',
  ],
  [
    'elf-named-json',
    'config.json',
    starting('7f454c4602010100'),
    EXECUTABLE,
    'A Linux program named as a configuration.',
  ],
  ['mach-o', 'tokenizer.model', starting('cffaedfe07000001'), EXECUTABLE, 'A macOS program.'],
  ['mach-o-fat', 'libmodel', starting('cafebabe00000002'), EXECUTABLE, 'A macOS program for two processors, or Java.'],
  ['windows', 'setup.txt', windowsProgram(128), EXECUTABLE, 'A Windows program named as text.'],
  [
    'windows-far-header',
    'weights.dat',
    windowsProgram(6000),
    EXECUTABLE,
    'A Windows program whose second header lies far behind.',
  ],
  ['wasm', 'vocab.bin', starting('0061736d01000000'), EXECUTABLE, 'A WebAssembly program.'],
  ['python-bytecode', 'modeling.pyc', starting('cb0d0d0a00000000'), EXECUTABLE, 'Compiled Python.'],
  [
    'shortcut',
    'README.lnk',
    starting('4c0000000114020000000000c000000000000046'),
    EXECUTABLE,
    'A Windows shortcut, which starts a program.',
  ],
  [
    'shortcut-renamed',
    'notes.txt',
    starting('4c0000000114020000000000c000000000000046'),
    EXECUTABLE,
    'The same by another name.',
  ],
  ['library', 'kernels.so', rest, EXECUTABLE, 'A library by its name.'],
  [
    'java',
    'loader.jar',
    zipOf([{ name: 'A.class', content: starting('cafebabe00000034') }]),
    EXECUTABLE,
    'A Java archive.',
  ],
  ['screensaver', 'demo.scr', windowsProgram(64), EXECUTABLE, 'A Windows program by another extension.'],
  [
    'html-application',
    'readme.hta',
    Buffer.from('<script>new ActiveXObject("WScript.Shell").Run("calc")</script>'),
    EXECUTABLE,
    'An HTML application runs outside of any browser.',
  ],
  [
    'visual-basic',
    'setup.vbs',
    Buffer.from('CreateObject("WScript.Shell").Run "calc"'),
    EXECUTABLE,
    'A Visual Basic script.',
  ],
  [
    'desktop-entry',
    'model.desktop',
    Buffer.from('[Desktop Entry]\nType=Application\nExec=sh -c id\n'),
    EXECUTABLE,
    'A launcher of Linux desktops.',
  ],
  [
    'ole-macros',
    'model-card.doc',
    starting('d0cf11e0a1b11ae1'),
    ['format-disguised', 'office-document'],
    'An old office document, which may hold macros.',
  ],
  ['eicar', 'notes.txt', Buffer.from(eicarTestString), ['eicar-test-file'], 'The EICAR test string.'],
  [
    'eicar-in-weights',
    'weights.dat',
    Buffer.concat([Buffer.alloc(5000, 1), Buffer.from(eicarTestString), Buffer.alloc(5000, 1)]),
    ['eicar-test-file'],
    'The same in the middle of other bytes.',
  ],
  [
    'eicar-packed',
    'model.zip',
    zipOf([{ name: 'a.txt', content: Buffer.from(eicarTestString), deflate: true }]),
    ['eicar-test-file'],
    'The same, packed.',
  ],
  [
    'yaml-python',
    'config.yaml',
    Buffer.from('model: !!python/object/apply:os.system ["id"]\n'),
    ['yaml-runs-code'],
    'YAML that names a function of Python.',
  ],
]

const ODD = ['odd-name']
const names: [name: string, path: string, why: string][] = [
  ['direction', 'model\u202esrotcnesefas.txt', 'The name reads as another one.'],
  ['invisible', 'model\u200b.safetensors', 'Looks like another file’s name.'],
  ['control', 'model\u001b[2Jx.txt', 'Controls the terminal that shows it.'],
  ['line-end', 'a\nb.txt', 'One name looks like two.'],
  ['backslash', 'folder\\model.txt', 'A folder on some systems, a name on others.'],
  ['space-at-end', 'config.json ', 'Looks like another file’s name.'],
  ['tag-characters', 'model\u{e0041}.txt', 'Invisible letters.'],
]

export const programCases: readonly CorpusCase[] = [
  ...bad.map(
    ([name, path, content, expects, why]): CorpusCase => ({
      name: `program-${name}`,
      kind: 'malicious',
      files: { [path]: content },
      expects,
      why,
    }),
  ),
  ...names.map(
    ([name, path, why]): CorpusCase => ({
      name: `name-${name}`,
      kind: 'malicious',
      files: { [path]: Buffer.from('text') },
      expects: ODD,
      why,
    }),
  ),
]
