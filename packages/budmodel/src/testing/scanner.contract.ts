/** What every scanner keeps to, whichever way it looks at a file. */
import { describe, expect, it } from 'vitest'
import { fileInMemory } from '../domain/formats/ranged-file.ts'
import type { FileScan } from '../domain/scan/scan-report.ts'
import { eicarTestString } from '../domain/scan/signature-search.ts'
import type { Scanner, StreamScanner } from '../ports.ts'
import { pickleOf, pickleOp } from './pickle-writer.ts'
import { soundSafetensors } from './safetensors-writer.ts'

const CLEAN: [string, Uint8Array][] = [
  ['model.safetensors', soundSafetensors()],
  ['config.json', Buffer.from('{"model_type":"llama"}')],
  ['README.md', Buffer.from('# A model\n')],
  ['empty', Buffer.alloc(0)],
]

/** `catches`: a file that this scanner must block. */
export function testScanner(scanner: Scanner, catches: { path: string; content: Uint8Array }): void {
  testEitherWay(scanner, catches, (path, content) => scanner.scan(fileInMemory(path, content)))

  it(`${scanner.name} never rejects for what a file contains`, async () => {
    for (const path of ['model.safetensors', 'pytorch_model.bin', 'a.zip', 'a.npy', 'config.json', 'x']) {
      for (const content of hostile()) {
        const scan = await scanner.scan(fileInMemory(path, content))
        expect(scan.bytes_covered).toBeLessThanOrEqual(content.length)
      }
    }
  })
}

export function testStreamScanner(scanner: StreamScanner, catches: { path: string; content: Uint8Array }): void {
  const pass = async (path: string, content: Uint8Array, chunkBytes: number) => {
    const watch = scanner.watch(path, content.length)
    for (let at = 0; at < content.length; at += chunkBytes) await watch.push(content.subarray(at, at + chunkBytes))
    return watch
  }
  testEitherWay(scanner, catches, async (path, content) => (await pass(path, content, 7)).end())

  it(`${scanner.name} finds the same however the bytes are cut into chunks`, async () => {
    const whole = await (await pass(catches.path, catches.content, catches.content.length)).end()
    for (const chunkBytes of [1, 13, 100]) {
      expect(await (await pass(catches.path, catches.content, chunkBytes)).end()).toEqual(whole)
    }
  })

  it(`${scanner.name} lets go of a file that breaks off, also twice and after the end`, async () => {
    const broken = await pass(catches.path, catches.content.subarray(0, 20), 7)
    broken.abort()
    broken.abort()
    const ended = await pass(catches.path, catches.content, 7)
    await ended.end()
    ended.abort()
  })
}

function testEitherWay(
  scanner: { name: string; version: string | (() => Promise<string>) },
  catches: { path: string; content: Uint8Array },
  scan: (path: string, content: Uint8Array) => Promise<FileScan>,
): void {
  describe(scanner.name, () => {
    it('covers clean files completely and finds nothing in them', async () => {
      for (const [path, content] of CLEAN) {
        const { bytes_covered, findings } = await scan(path, content)
        expect({ path, bytes_covered, findings }).toEqual({ path, bytes_covered: content.length, findings: [] })
      }
    })

    it('reports what it is there for, and says where', async () => {
      const { findings } = await scan(catches.path, catches.content)
      expect(findings[0]).toMatchObject({ severity: expect.stringMatching(/block|warn/) })
      // An engine that does not tell the place at least tells the range it looked at.
      expect(findings[0]?.offset ?? findings[0]?.evidence).not.toBeNull()
    })

    it('has a name and a version for the report', async () => {
      const version = typeof scanner.version === 'string' ? scanner.version : await scanner.version()
      expect([scanner.name, version]).toEqual([expect.stringMatching(/.+/), expect.stringMatching(/.+/)])
    })
  })
}

/** Starts that promise a format and then do not keep it. */
function hostile(): Uint8Array[] {
  const starts = [
    pickleOf(pickleOp.proto(4), pickleOp.frame(2 ** 31)),
    Buffer.from('PK\x03\x04'),
    Buffer.from('PK\x05\x06'),
    Buffer.from('\x93NUMPY\x02\x00', 'latin1'),
    Buffer.from('{'),
    Buffer.from([0xff, 0xff, 0xff, 0x05, 0, 0, 0, 0, 0x7b]),
    Buffer.from(eicarTestString),
  ]
  return starts.flatMap((start) => [0, 1, 30, 600].map((length) => Buffer.concat([start, Buffer.alloc(length, 0xa5)])))
}
