/** Every attack on a format is blocked by the rule that knows it, and no sound file is remarked upon. */
import { describe, expect, it } from 'vitest'
import { judgeCase } from '../judge-case.ts'
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
