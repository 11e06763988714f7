/** Every attack on a format is blocked by the rule that knows it, and no sound file is remarked upon. */
import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { judgeCase } from '../judge-case.ts'
import { tarOf } from '../tar-writer.ts'
import { zipOf } from '../zip-writer.ts'
import { archiveCases } from './archives.ts'
import { ggufCases } from './gguf.ts'
import { kerasCases } from './keras.ts'
import { numpyCases } from './numpy.ts'
import { onnxCases } from './onnx.ts'

const CORPORA = { gguf: ggufCases, onnx: onnxCases, keras: kerasCases, numpy: numpyCases, archives: archiveCases }

for (const [format, cases] of Object.entries(CORPORA)) {
  describe(format, () => {
    for (const entry of cases.filter(({ kind }) => kind === 'malicious')) {
      it(`blocks ${entry.name}`, async () => {
        const { blocked_by } = await judgeCase(entry)
        expect(blocked_by).toEqual(expect.arrayContaining([expect.stringMatching(`^(${entry.expects.join('|')})$`)]))
      })
    }
    for (const entry of cases.filter(({ kind }) => kind === 'clean')) {
      it(`passes ${entry.name}`, async () => {
        expect(await judgeCase(entry)).toEqual({ blocked_by: [], warned_by: [], not_covered: [] })
      })
    }
  })
}

/** Unpacked larger than what is kept, and so refused as such: the bombs. */
const isBomb = (name: string): boolean => name.endsWith('-bomb') && name.startsWith('archive-')

describe('an attack packed in an archive', () => {
  const packings: [string, (name: string, content: Uint8Array) => Record<string, Uint8Array>][] = [
    ['zip', (name, content) => ({ 'a.zip': zipOf([{ name: `folder/${name}`, content, deflate: true }]) })],
    ['tar', (name, content) => ({ 'a.tar': tarOf([{ name: `folder/${name}`, content }]) })],
    ['gzip', (name, content) => ({ [`${name}.gz`]: gzipSync(content) })],
  ]
  for (const [packing, pack] of packings) {
    it(`is blocked in ${packing} as it is outside`, async () => {
      const attacks = Object.values(CORPORA)
        .flat()
        .filter(({ kind, name }) => kind === 'malicious' && !isBomb(name))
      for (const { name, files, expects } of attacks) {
        const packed = Object.assign({}, ...Object.entries(files).map(([path, content]) => pack(path, content)))
        const { blocked_by } = await judgeCase({ files: packed })
        expect([name, blocked_by.filter((rule) => expects.includes(rule))]).not.toEqual([name, []])
      }
    })
  }
})
