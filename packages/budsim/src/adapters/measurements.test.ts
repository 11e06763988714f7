import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { loadMeasurements, saveErrors, trainingDigests } from './measurements.ts'

const folder = mkdtempSync(join(tmpdir(), 'bud-measurements-'))
afterAll(() => rmSync(folder, { recursive: true }))
const file = (text: string): string => {
  const path = join(folder, 'rows.csv')
  writeFileSync(path, text)
  return path
}
const HEADER = 'row_id,engine,model,gpu,num_gpus,scenario,isl,osl,tpot_ms_mean,notes'
const ROW = 'a,vllm,m,H100-SXM-80GB,1,closed_loop_agg,1024,256,7.5,fine'

describe('measured rows', () => {
  it('are read with the figures of their columns', () => {
    const { rows, problems } = loadMeasurements(file(`${HEADER}\n${ROW}\n`))
    expect(problems).toEqual([])
    expect(rows).toMatchObject([
      { row: { row_id: 'a', isl: 1024 }, measured: { tpot_ms: 7.5, ttft_ms: null }, source: 'unnamed' },
    ])
  })

  it('that cannot be read are named by line and column, as the file counts them, and the others are kept', () => {
    const { rows, problems } = loadMeasurements(
      file(
        [
          `${HEADER}`,
          `b,vllm,m,H100-SXM-80GB,1,closed_loop_agg,1024,256,7.5,"spans\ntwo lines"`,
          '',
          `c,vlm,m,H100-SXM-80GB,one,closed_loop_agg,-3,256,7.5,`,
          `d,vllm,m,H100-SXM-80GB,1,closed_loop_agg,1024,256,7.5,with, a stray comma`,
          `e,vllm,m,H100-SXM-80GB,1,closed_loop_agg,1024,256,7.5,"unclosed`,
        ].join('\n'),
      ),
    )
    expect(rows.map(({ row }) => row.row_id)).toEqual(['b'])
    const messages = problems.map(({ message }) => message)
    expect(messages).toHaveLength(5)
    expect(messages.filter((message) => message.startsWith('Line 5, column '))).toHaveLength(3)
    expect(messages.join('\n')).toMatch(/column engine: "vlm" is none of .*Did you mean vllm\?/)
    expect(messages[3]).toBe('Line 6 has 11 fields where the first line names 10.')
    expect(messages[4]).toBe('Line 7 opens a quote that is not closed.')
  })

  it('need a file that is there, and a table', () => {
    const missing = join(folder, 'none.csv')
    expect(() => loadMeasurements(missing)).toThrow(expect.objectContaining({ code: 'failed' }))
    expect(() => loadMeasurements(missing)).toThrow(missing)
    const path = file('gpu_kind,tokens\n1,2\n')
    expect(() => loadMeasurements(path)).toThrow(expect.objectContaining({ code: 'invalid-input' }))
    expect(() => loadMeasurements(path)).toThrow(path)
    const short = file('row_id,engine,model,gpu,num_gpu,scenario\n')
    expect(() => loadMeasurements(short)).toThrow('Column num_gpus is missing. Did you mean num_gpu?')
  })

  it('as committed are all readable', () => {
    const { rows, problems } = loadMeasurements()
    expect(problems).toEqual([])
    expect(rows.length).toBeGreaterThan(6000)
    expect(new Set(rows.map(({ row }) => row.row_id)).size).toBe(rows.length)
  })
})

describe('digests of training data', () => {
  const data = join(folder, 'data')
  mkdirSync(join(data, 'kernels'), { recursive: true })
  const committed = join(import.meta.dirname, '../../../../data')
  for (const name of ['models.csv', 'gpus.csv', 'kernels/experts.json']) cpSync(join(committed, name), join(data, name))
  writeFileSync(join(data, 'measurements.csv'), `${HEADER}\n${ROW}\n`)
  const before = trainingDigests(data)

  it('change with rows, catalogues and kernel times, each with its own, and with nothing else', () => {
    writeFileSync(join(data, 'kernels/NOTES.txt'), 'x')
    saveErrors('# Errors', join(data, 'ERRORS.md'))
    expect(trainingDigests(data)).toEqual(before)
    writeFileSync(join(data, 'measurements.csv'), `${HEADER}\n${ROW}\n${ROW}\n`)
    const withRow = trainingDigests(data)
    expect(withRow.rows_sha256).not.toBe(before.rows_sha256)
    expect(withRow.kernels_sha256).toBe(before.kernels_sha256)
    writeFileSync(join(data, 'gpus.csv'), 'gpu\n')
    expect(trainingDigests(data).rows_sha256).not.toBe(withRow.rows_sha256)
    writeFileSync(join(data, 'kernels/gemm.json'), '{}')
    expect(trainingDigests(data).kernels_sha256).not.toBe(before.kernels_sha256)
  })
})
