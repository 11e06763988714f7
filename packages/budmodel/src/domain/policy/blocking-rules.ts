/** Rules whose findings block unless the policy says otherwise: a waiver of one is for one file as it is, never for a name. */

const WORDS: Readonly<Record<string, string>> = {
  config: 'path-outside runs-code',
  gguf: 'cut-short duplicate-key header-invalid hole length-invalid metadata-invalid overlap tensor-invalid',
  hdf5: 'bomb cut-short disguised external-link external-storage virtual-dataset',
  keras: 'lambda module obscured python-call reads-path saved-model tensorflow-call torch-module',
  notebook: 'active-output active-text attachment runs-fetched-code',
  numpy: 'cut-short header-invalid',
  onnx: 'external-path external-range memory-address python-operator',
  pickle: 'compressed disguised embedded extension global nested nested-too-deep patches-global',
  safetensors:
    'cut-short duplicate-key header-invalid header-too-large hidden-pickle hidden-program hole overlap tensor-invalid trailing-data',
  tar: 'ambiguous device duplicate-entry hidden-entry link slip',
  template: 'bomb computed-name escape file-access',
  yaml: 'runs-code',
  zip: 'ambiguous bomb disagrees disguised duplicate-entry encrypted entry-outside hidden-data hidden-entry overlap slip special-file symlink',
}
const OTHERS = [
  ...['executable', 'format-disguised', 'office-document', 'eicar-test-file', 'clamd-signature'],
  ...['gzip-bomb', 'zstd-bomb', 'odd-name', 'symlink', 'special-file'],
]

/** The corpus holds it to what the scanners do. One that is missing here is waived all the same only with a sha256. */
export const BLOCKING_RULES: ReadonlySet<string> = new Set([
  ...Object.entries(WORDS).flatMap(([format, words]) => words.split(' ').map((word) => `${format}-${word}`)),
  ...OTHERS,
])
