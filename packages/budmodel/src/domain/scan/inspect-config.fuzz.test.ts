/** No configuration makes its inspection throw, and custom code is found however deep it lies. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { configCases } from '../../testing/corpus/configs.ts'
import { notebookCases } from '../../testing/corpus/notebooks.ts'
import { damaged } from '../../testing/damaged-files.ts'
import { fuzzRuns } from '../../testing/fuzz-runs.ts'
import { fileInMemory } from '../formats/ranged-file.ts'
import { inspectConfigFile } from './inspect-config.ts'
import { inspectNotebook } from './inspect-notebook.ts'
import type { FileScan } from './scan-report.ts'

const RUNS = { numRuns: fuzzRuns(), seed: 20_260_104 }
const TIMEOUT = { timeout: 60_000 + fuzzRuns() * 20 }

type Inspect = (file: ReturnType<typeof fileInMemory>) => Promise<FileScan>
async function holds(inspect: Inspect, path: string, content: Uint8Array): Promise<FileScan> {
  const scan = await inspect(fileInMemory(path, content))
  expect(scan.bytes_covered === 0 || scan.bytes_covered === content.length).toBe(true)
  if (scan.bytes_covered < content.length) expect(scan.findings.length).toBeGreaterThan(0)
  expect(scan.findings.length).toBeLessThanOrEqual(110)
  return scan
}

const filesOf = (cases: typeof configCases) =>
  cases.flatMap(({ files }) => Object.values(files).map((content) => Buffer.from(content)))
const json = fc.json({ maxDepth: 5 }).map((text) => Buffer.from(text))
const surroundings = fc.array(fc.constantFrom('object', 'list', 'beside'), { maxLength: 20 })

function buried(value: unknown, around: readonly string[]): unknown {
  let result = value
  for (const way of around)
    result = way === 'list' ? [1, result] : way === 'object' ? { inner: result } : { a: [null, 'x'], b: result, c: {} }
  return result
}

describe('inspecting configurations', () => {
  it('survives any JSON and damaged configurations', TIMEOUT, async () => {
    const content = fc.oneof(json, damaged(...filesOf(configCases)), fc.uint8Array({ maxLength: 200 }))
    const path = fc.constantFrom('config.json', 'tokenizer_config.json', 'modules.json', 'adapter_config.json')
    const property = fc.asyncProperty(path, content, async (name, bytes) => {
      await holds(inspectConfigFile, name, bytes)
    })
    await fc.assert(property, RUNS)
  })

  it('finds custom code and templates that leave their sandbox at any depth', TIMEOUT, async () => {
    const keys = fc.constantFrom('auto_map', 'custom_code', 'trust_remote_code', 'custom_pipelines')
    const property = fc.asyncProperty(keys, surroundings, async (key, around) => {
      const content = Buffer.from(JSON.stringify(buried({ [key]: { AutoModel: 'x.Y' } }, around)))
      const { findings } = await holds(inspectConfigFile, 'config.json', content)
      expect(findings.map(({ rule }) => rule)).toContain('custom-code')
    })
    await fc.assert(property, RUNS)
  })

  it('never passes a key that stands twice', TIMEOUT, async () => {
    const property = fc.asyncProperty(
      fc.string({ unit: 'binary', maxLength: 8 }),
      surroundings,
      async (key, around) => {
        const twice = `{${JSON.stringify(key)}:1,"\\u0000x":2,${JSON.stringify(key)}:{}}`
        const content = Buffer.from(JSON.stringify(buried('@', around)).replace('"@"', () => twice))
        const { bytes_covered } = await holds(inspectConfigFile, 'config.json', content)
        expect(bytes_covered).toBe(0)
      },
    )
    await fc.assert(property, RUNS)
  })
})

describe('inspecting notebooks', () => {
  it('survives any JSON and damaged notebooks', TIMEOUT, async () => {
    const cell = fc.record(
      {
        cell_type: fc.constantFrom('code', 'markdown', 'raw', 1),
        source: fc.jsonValue(),
        outputs: fc.jsonValue(),
        attachments: fc.jsonValue(),
      },
      { requiredKeys: [] },
    )
    const notebook = fc.array(cell, { maxLength: 5 }).map((cells) => Buffer.from(JSON.stringify({ cells })))
    const content = fc.oneof(json, notebook, damaged(...filesOf(notebookCases)), fc.uint8Array({ maxLength: 200 }))
    const property = fc.asyncProperty(content, async (bytes) => {
      await holds(inspectNotebook, 'a.ipynb', bytes)
    })
    await fc.assert(property, RUNS)
  })

  it('is done in a moment with what is built to take long', TIMEOUT, async () => {
    const started = performance.now()
    for (const part of [
      'curl ',
      'base64 ',
      'exec(',
      '<',
      '< ',
      'on',
      '```',
      '`',
      '!',
      '%%bash\n',
      '! pip install a ',
      'onx=',
      'exec(a(',
    ])
      for (const type of ['code', 'markdown']) {
        const source = part.repeat(Math.floor(300_000 / part.length))
        const outputs = [{ data: { 'text/html': source } }]
        const content = Buffer.from(JSON.stringify({ cells: [{ cell_type: type, source, outputs }] }))
        await holds(inspectNotebook, 'a.ipynb', content)
      }
    for (const part of ['[', '{"a":', '"\\"', '{"a":1,', '1', '-'])
      await holds(inspectConfigFile, 'config.json', Buffer.from(part.repeat(Math.floor(2_000_000 / part.length))))
    expect(performance.now() - started).toBeLessThan(30_000)
  })
})
