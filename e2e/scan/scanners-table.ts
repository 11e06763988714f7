/** docs/scanners.md: who catches what, from what each scanner said about each case. */
import { extname } from 'node:path'
import type { CorpusCase } from '../../packages/budmodel/src/testing/corpus/corpus-case.ts'
import { PEER_VERSIONS } from './install-peers.ts'
import { type Judgements, PEERS, type Peer, type Said } from './judge-corpus.ts'

const TOOLS = ['ours', ...PEERS] as const
type Tool = (typeof TOOLS)[number]

const GROUPS: Record<string, string> = {
  pickle: 'Pickles',
  torch: 'torch archives',
  zip: 'Zip archives',
  archive: 'tar, gzip and zstd archives',
  numpy: 'numpy arrays',
  keras: 'Keras models',
  onnx: 'ONNX models',
  gguf: 'GGUF files',
  safetensors: 'safetensors files',
  template: 'Chat templates',
  config: 'Configurations',
  notebook: 'Notebooks',
  program: 'Programs',
  name: 'Deceptive names',
}

/** A case as the table shows it. */
interface Row {
  one: CorpusCase
  group: string
  said: Record<Tool, Said>
  /** By its own documentation the tool looks for this kind of attack in this kind of file. */
  claimed: Record<Tool, boolean>
}

export function scannersTable(cases: readonly CorpusCase[], judgements: Judgements): string {
  const rows = cases.map((one) => toRow(one, judgements))
  const malicious = rows.filter(({ one }) => one.kind === 'malicious')
  const clean = rows.filter(({ one }) => one.kind === 'clean')
  const groups = Map.groupBy(malicious, ({ group }) => group)
  return [
    head(judgements),
    '## Totals',
    totals(malicious, clean),
    '## Caught, by kind',
    table(
      ['kind', 'cases', ...TOOLS],
      [...groups].map(([group, of]) => [group, of.length, ...TOOLS.map((tool) => count(of, tool, 'caught'))]),
    ),
    ...[...groups].flatMap(([group, of]) => [`## ${group}`, attackTable(of)]),
    '## Sound models',
    table(
      ['case', ...TOOLS, 'what it is'],
      clean.map((row) => [row.one.name, ...TOOLS.map((tool) => soundWord(row, tool)), cell(row.one.why)]),
    ),
  ]
    .join('\n\n')
    .concat('\n')
}

function toRow(one: CorpusCase, { ours, peers }: Judgements): Row {
  const said = (tool: Tool): Said => {
    const answer = (tool === 'ours' ? ours : peers[tool].said)[one.name]
    if (!answer) throw new Error(`${tool} said nothing about ${one.name}.`)
    return answer
  }
  const claimed = (tool: Tool) => tool === 'ours' || isClaimed(one, tool, peers[tool].extensions)
  return {
    one,
    group: GROUPS[one.name.replace(/^clean-/, '').split('-')[0] ?? ''] ?? 'Others',
    said: perTool(said),
    claimed: perTool(claimed),
  }
}

const perTool = <T>(of: (tool: Tool) => T) =>
  Object.fromEntries(TOOLS.map((tool) => [tool, of(tool)])) as Record<Tool, T>

function isClaimed({ files, expects }: CorpusCase, peer: Peer, extensions: readonly string[]): boolean {
  const looksForIt = (rule: string) => rule.startsWith('pickle') || (peer === 'modelscan' && rule === 'keras-lambda')
  return expects.some(looksForIt) && Object.keys(files).some((path) => extensions.includes(extname(path)))
}

const head = ({ peers }: Judgements): string => `# Who catches what

Made by \`node e2e/scan/write-table.ts\`; \`npm run e2e -- scan\` fails when it is not what a run gives.

The corpus of the built-in scanners (\`packages/budmodel/src/testing/corpus\`: published attacks and bypasses, and sound models that look suspicious) given to them and to two scanners of PyPI, on the same files:

- **ours**: the built-in scanners alone, without clamd and without a policy. The corpus was made for them: that they catch all of it is a promise kept, not a comparison.
- **picklescan ${PEER_VERSIONS.picklescan}**, also with \`--strict\`: a scanner of pickles, in files ending in ${list(peers.picklescan.extensions)}. It is handed every file by name; a file with another ending counts when it is caught and is otherwise left aside.
- **modelscan ${PEER_VERSIONS.modelscan}** with h5py and TensorFlow: a scanner of pickles and of Keras models with Lambda layers, in files ending in ${list(peers.modelscan.extensions)}. It is given the folder. A pickle named \`.bin\` or \`.pt\` that does not begin with torch’s magic number it leaves aside; \`torch.load\` runs it.

A scanner **failed** when it could not look and said so (an error, a crash, more than 60 s or 8 GiB): whoever acts on that is safe. It **missed** when it looked and let the attack through. **–** means that it looked at none of the files. What is in (brackets) is outside of what it claims: it is not made for this kind of attack, or not for files with this ending.`

const list = (extensions: readonly string[]): string => extensions.map((one) => `\`${one}\``).join(', ')

function totals(malicious: readonly Row[], clean: readonly Row[]): string {
  const line = (title: string, value: (tool: Tool) => string | number) => [title, ...TOOLS.map(value)]
  const claimedBy = (tool: Tool) => malicious.filter(({ claimed }) => claimed[tool])
  return table(
    ['', ...TOOLS],
    [
      line(`attacks (${malicious.length}): caught`, (tool) => count(malicious, tool, 'caught')),
      line('… failed to look', (tool) => count(malicious, tool, 'failed')),
      line('… missed', (tool) => count(malicious, tool, 'clean')),
      line('… looked at none of the files', (tool) => count(malicious, tool, 'left-aside')),
      line('attacks within its claim', (tool) => claimedBy(tool).length),
      line('… caught', (tool) => share(count(claimedBy(tool), tool, 'caught'), claimedBy(tool).length)),
      line('… failed to look', (tool) => share(count(claimedBy(tool), tool, 'failed'), claimedBy(tool).length)),
      line('… missed', (tool) => share(count(claimedBy(tool), tool, 'clean'), claimedBy(tool).length)),
      line('… looked at none of the files', (tool) =>
        share(count(claimedBy(tool), tool, 'left-aside'), claimedBy(tool).length),
      ),
      line(`sound models (${clean.length}): called dangerous`, (tool) => count(clean, tool, 'caught')),
      line('… failed to look', (tool) => count(clean, tool, 'failed')),
    ],
  )
}

const count = (rows: readonly Row[], tool: Tool, outcome: Said['outcome']): number =>
  rows.filter(({ said }) => said[tool].outcome === outcome).length

const share = (part: number, all: number): string =>
  all === 0 ? '–' : `${part} (${((100 * part) / all).toFixed(0)} %)`

const attackTable = (rows: readonly Row[]): string =>
  table(
    ['case', ...TOOLS, 'what it does', 'published'],
    rows.map((row) => [
      row.one.name,
      ...TOOLS.map((tool) => attackWord(row, tool)),
      cell(row.one.why),
      cell(row.one.published ?? ''),
    ]),
  )

function attackWord({ said, claimed }: Row, tool: Tool): string {
  const { outcome } = said[tool]
  if (outcome === 'left-aside') return '–'
  if (outcome === 'caught') return 'caught'
  const word = outcome === 'clean' ? 'missed' : 'failed'
  return claimed[tool] ? `**${word}**` : `(${word})`
}

function soundWord({ said }: Row, tool: Tool): string {
  const { outcome } = said[tool]
  if (outcome === 'left-aside') return '–'
  return outcome === 'clean' ? 'passed' : outcome === 'caught' ? '**called dangerous**' : '**failed**'
}

const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll('<', '&lt;')

function table(header: readonly string[], rows: readonly (readonly (string | number)[])[]): string {
  const line = (cells: readonly (string | number)[]) => `| ${cells.join(' | ')} |`
  return [line(header), line(header.map(() => '---')), ...rows.map(line)].join('\n')
}
