/** No YAML makes its inspection throw or claim what it has not read, and no way to write a calling tag or target hides it. */
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { yamlCases } from '../../testing/corpus/yaml.ts'
import { damaged } from '../../testing/damaged-files.ts'
import { fuzzRuns } from '../../testing/fuzz-runs.ts'
import { fileInMemory } from '../formats/ranged-file.ts'
import { inspectYaml } from './inspect-yaml.ts'
import type { FileScan } from './scan-report.ts'

const RUNS = { numRuns: fuzzRuns(), seed: 20_260_108 }
const TIMEOUT = { timeout: 60_000 + fuzzRuns() * 30 }

async function holds(content: Uint8Array): Promise<FileScan> {
  const scan = await inspectYaml(fileInMemory('a.yaml', content))
  expect(scan.bytes_covered === 0 || scan.bytes_covered === content.length).toBe(true)
  if (scan.bytes_covered < content.length) expect(scan.findings.length).toBeGreaterThan(0)
  return scan
}

const samples = yamlCases.flatMap(({ files }) => Object.values(files).map((content) => Buffer.from(content)))
const small = samples.filter(({ length }) => length > 0 && length < 20_000)
const piece = fc.constantFrom(
  ...['- ', ': ', '\n', '  ', '{', '}', '[', ']', '&a ', '*a', '!x ', '!!x ', '!<', '>', '"', "'", '# ', '? ', '|\n'],
  ...['%TAG ! a\n', '---\n', '...\n', '_target_', '\\', '\u2028', '\t', 'os.system', '<<', '!!binary '],
)

it('survives damaged YAML, pieces of it in any order, and any bytes', TIMEOUT, async () => {
  const soup = fc.array(piece, { maxLength: 60 }).map((parts) => Buffer.from(parts.join('')))
  const content = fc.oneof(damaged(...small), soup, fc.uint8Array({ maxLength: 200 }))
  await fc.assert(
    fc.asyncProperty(content, async (bytes) => {
      await holds(bytes)
    }),
    RUNS,
  )
})

const quoted = (key: string, escaped: readonly boolean[]): string =>
  `"${[...key].map((char, i) => (escaped[i] ? `\\x${char.charCodeAt(0).toString(16)}` : char)).join('')}"`
const percent = (tag: string, escaped: readonly boolean[]): string =>
  [...tag].map((char, i) => (escaped[i] && /\w/.test(char) ? `%${char.charCodeAt(0).toString(16)}` : char)).join('')
const around = fc.array(fc.constantFrom('list', 'map', 'flow', 'document', 'comment'), { maxLength: 6 })

/** `inner` is one line of flow YAML. */
const buried = (inner: string, ways: readonly string[]): string =>
  ways.reduce((text, way) => {
    if (way === 'list' && !text.includes('---')) return `- 1\n- ${text.replaceAll('\n', '\n  ')}`
    if (way === 'document') return `a: b\n---\n${text}`
    if (way === 'comment') return `# c\n${text}`
    return way === 'map' && !text.includes('\n') ? `key: ${text}` : text
  }, inner)

it('finds a call however it is written and wherever it stands', TIMEOUT, async () => {
  const escaped = fc.array(fc.boolean(), { minLength: 40, maxLength: 40 })
  const property = fc.asyncProperty(escaped, around, fc.boolean(), fc.boolean(), async (marks, ways, isTag, isWide) => {
    const call = isTag
      ? `!!${percent('python/object/apply:os.system', marks)} [id]`
      : `{${quoted('_target_', marks)}: ${quoted('os.system', marks)}}`
    const text = buried(call, ways)
    const { findings, bytes_covered } = await holds(
      isWide ? Buffer.from(`\ufeff${text}`, 'utf16le') : Buffer.from(text),
    )
    const isBlocked = findings.some(({ rule }) => rule === 'yaml-runs-code')
    expect([text, isBlocked || bytes_covered === 0]).toEqual([text, true])
  })
  await fc.assert(property, RUNS)
})
