/** What is blocked by itself is blocked in an archive too, whatever the archive is. */
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

const attacks = [...ggufCases, ...onnxCases, ...kerasCases, ...numpyCases, ...archiveCases].filter(
  ({ kind, name }) => kind === 'malicious' && !isBomb(name),
)

describe('an attack packed in an archive', () => {
  const packings: [string, (name: string, content: Uint8Array) => Record<string, Uint8Array>][] = [
    ['zip', (name, content) => ({ 'a.zip': zipOf([{ name: `folder/${name}`, content, deflate: true }]) })],
    ['tar', (name, content) => ({ 'a.tar': tarOf([{ name: `folder/${name}`, content }]) })],
    ['gzip', (name, content) => ({ [`${name}.gz`]: gzipSync(content) })],
  ]
  for (const [packing, pack] of packings) {
    it(`is blocked in ${packing} as it is outside`, async () => {
      for (const { name, files, expects } of attacks) {
        const packed = Object.assign({}, ...Object.entries(files).map(([path, content]) => pack(path, content)))
        const { blocked_by } = await judgeCase({ files: packed })
        expect([name, blocked_by.filter((rule) => expects.includes(rule))]).not.toEqual([name, []])
      }
    })
  }
})

/** Unpacked larger than what is kept, and so refused as such: the bombs. */
function isBomb(name: string): boolean {
  return name.endsWith('-bomb') && name.startsWith('archive-')
}
