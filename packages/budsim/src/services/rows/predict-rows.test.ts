import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { createGpuCatalogue } from '../../domain/gpu-catalogue.ts'
import { createModelCatalogue } from '../../domain/model-catalogue.ts'
import type { ServingCase } from '../../domain/physics/serving-case.ts'
import { gpus, models } from '../../testing/fixtures.ts'
import { predictRows } from './predict-rows.ts'
import { type CaseFigures, PREDICTIONS_HEADER, predictionLine, type RowPrediction } from './row-prediction.ts'

/** Figures that tell which case was asked about. */
const predictor = {
  predict: ({ inputTokens, outputTokens, replicas }: ServingCase): CaseFigures => {
    const figures = { ttft: inputTokens, tpot: outputTokens, output: replicas }
    const around = (value: number) => ({ low: value * 0.8, high: value * 1.25 })
    return {
      figures,
      intervals: { ttft: around(figures.ttft), tpot: around(figures.tpot), output: around(figures.output) },
    }
  },
}

const figuresOf = (value: number): RowPrediction => ({
  row_id: 'a',
  ttft_ms: value,
  ttft_ms_lo: value,
  ttft_ms_hi: value,
  tpot_ms: value,
  tpot_ms_lo: value,
  tpot_ms_hi: value,
  output_tok_s: value,
  output_tok_s_lo: value,
  output_tok_s_hi: value,
  status: 'ok',
  reason: '',
})

async function predict(table: string | Iterable<string>, notes: string[] = []): Promise<RowPrediction[]> {
  const answers: RowPrediction[] = []
  const query = {
    chunks: typeof table === 'string' ? [table] : table,
    predictor,
    gpus: createGpuCatalogue(gpus),
    models: createModelCatalogue(models),
    note: (text: string) => notes.push(text),
  }
  for await (const batch of predictRows(query)) answers.push(...batch)
  return answers
}

const HEADER = 'row_id,engine,model,gpu,num_gpus,tp,precision,isl,osl,concurrency_or_batch,scenario'
const FINE = 'vLLM,meta-llama/Llama-3.1-8B-Instruct,H100-SXM-80GB,2,1,bf16,1000,200,8,closed_loop_agg'
const table = (...rows: string[]): string => [HEADER, ...rows, ''].join('\n')
const rowWith = (id: string, changes: Record<string, string>): string =>
  `${id},${FINE}`
    .split(',')
    .map((cell, i) => changes[HEADER.split(',')[i] ?? ''] ?? cell)
    .join(',')

async function answerTo(changes: Record<string, string>): Promise<RowPrediction> {
  const [answer] = await predict(table(rowWith('a', changes)))
  if (!answer) throw new Error('no answer')
  return answer
}

describe('the answer to a row', () => {
  test('has its figures with intervals, and nothing to say of names that are the catalogue’s', async () => {
    expect(await answerTo({})).toEqual({
      row_id: 'a',
      ttft_ms: 1000,
      ttft_ms_lo: 800,
      ttft_ms_hi: 1250,
      tpot_ms: 200,
      tpot_ms_lo: 160,
      tpot_ms_hi: 250,
      output_tok_s: 2,
      output_tok_s_lo: 1.6,
      output_tok_s_hi: 2.5,
      status: 'ok',
      reason: '',
    })
  })

  test('says what a name was read as', async () => {
    const { status, reason } = await answerTo({ gpu: 'nvidia-h100-80gb', model: 'llama-3.1-8b-instruct' })
    expect([status, reason]).toEqual(['ok', 'Read model as meta-llama/Llama-3.1-8B-Instruct, gpu as H100-SXM-80GB.'])
  })

  test.each([
    [{ model: 'meta-llama/Llama-9-8B' }, 'unsupported', /Line 2, column model: No model .* Did you mean meta-llama\//],
    [{ gpu: 'H1000' }, 'unsupported', /Line 2, column gpu: No GPU type "H1000" .* Did you mean /],
    [{ engine: 'vlm' }, 'unsupported', /Line 2, column engine: "vlm" is none of .* Did you mean vllm\?/],
    [{ tp: '3', num_gpus: '3' }, 'unsupported', /column tp: The 32 attention heads do not divide by tp 3/],
    [{ tp: '4' }, 'unsupported', /column num_gpus: tp × pp × dp is 4, more than the 2 GPUs stated/],
    [{ tp: '2', num_gpus: '3' }, 'unsupported', /column num_gpus: 3 GPUs cannot be shared out evenly at tp 2 × pp 1/],
    [{ precision: 'constructor' }, 'unsupported', /column precision: "constructor" is none of fp32/],
    [{ model: 'meta-llama/Llama-3.1-405B' }, 'does-not-fit', /column tp: Weights need \d+\.\d GB per GPU/],
    [{ isl: '5000000' }, 'does-not-fit', /column isl: One request of 5000200 tokens needs \d+\.\d GB of cache/],
    [{ isl: '-5' }, 'invalid', 'Line 2, column isl: "-5" is not a positive number.'],
    [{ isl: '1e300' }, 'invalid', 'Line 2, column isl: "1e300" is more than 1000000000.'],
    [{ osl: 'NaN' }, 'invalid', 'Line 2, column osl: "NaN" is not a positive number.'],
    [{ num_gpus: '' }, 'invalid', 'Line 2, column num_gpus: is empty, but a prediction needs it.'],
    [{ scenario: 'toString' }, 'invalid', /column scenario: "toString" is none of closed_loop_agg/],
    [{ isl: '0', tp: '1.5' }, 'invalid', /column tp: "1\.5" is not .* column isl: "0" is not a positive number\./],
  ])('%j is %s', async (changes, status, reason) => {
    const answer = await answerTo(changes)
    expect(answer).toMatchObject({ status, ttft_ms: null, output_tok_s_hi: null })
    expect(answer.reason).toMatch(reason)
  })

  test('is the same whatever was measured: those columns are never read', async () => {
    const measured = `${HEADER},ttft_ms_mean,tpot_ms_mean,throughput_output_tok_s\n`
    const [one] = await predict(`${measured}a,${FINE},1,2,3\n`)
    const [other] = await predict(`${measured}a,${FINE},nonsense,,9e9\n`)
    expect(one).toEqual(other)
    expect(one?.status).toBe('ok')
  })
})

describe('a table', () => {
  test('gives one answer for each row, in order, good rows among bad ones', async () => {
    const broken = table(`1,${FINE}`, '2,"unclosed', `3,${FINE}`, `1,${FINE}`, `,${FINE}`, '6,too,few', ',,,,,,,,,,')
    const answers = await predict(broken)
    expect(answers.map(({ row_id, status }) => `${row_id} ${status}`)).toEqual([
      '1 ok',
      '2 invalid',
      '3 ok',
      '1 invalid',
      ' invalid',
      '6 invalid',
      ' invalid',
    ])
    expect(answers[1]?.reason).toBe('Line 3 opens a quote that is not closed.')
    expect(answers[3]?.reason).toBe('Line 5, column row_id: "1" is already the row of line 2.')
    expect(answers[5]?.reason).toBe('Line 7 has 3 fields where the first line names 11.')
  })

  test('is read with a byte order mark, CRLF, quoted cells and header only', async () => {
    const [answer] = await predict(`\uFEFF"row_id"${HEADER.slice(6)}\r\n"a, b",${FINE}\r\n`)
    expect(answer).toMatchObject({ row_id: 'a, b', status: 'ok' })
    expect(await predict(HEADER)).toEqual([])
  })

  test.each([
    ['', /The table is empty/],
    ['\n\n\n', /The table is empty/],
    [
      'row_id,engine,modell,gpus,scenario\n',
      /Column model is missing\. Did you mean modell\?.*Column num_gpus is missing/,
    ],
    [`${HEADER},gpu\n`, /Column gpu stands there twice/],
    [HEADER.replaceAll(',', ';'), /separated by ";", not by commas/],
    ['\x7fELF\x02\0\0\0\xff\0', /This is no table of rows.*It is not text/],
  ])('%j is refused with every reason', async (text, message) => {
    await expect(predict(text)).rejects.toThrow(message)
  })

  test('says once which columns nobody reads, and what a slip may have meant', async () => {
    const notes: string[] = []
    await predict(`${HEADER},colour,request_rat\n${`x,${FINE},red,4\n`.repeat(3)}`, notes)
    expect(notes).toEqual([
      'Not read: columns colour, request_rat.',
      'Column "request_rat" is not read. Did you mean request_rate?',
    ])
  })
})

test('every measured row is a case that can be predicted', async () => {
  const measured = readFileSync(join(import.meta.dirname, '../../../../../data/measurements.csv'), 'utf8')
  const answers = await predict(measured)
  expect(answers.filter(({ status, reason }) => status !== 'ok' || reason !== '')).toEqual([])
  expect(answers).toHaveLength(6339)
})

test('figures are written with six digits', () => {
  const written = (ttft_ms: number): string | undefined => predictionLine({ ...figuresOf(1), ttft_ms }).split(',')[1]
  expect([1 / 3, 1234567.8, 99999.96, 1e-7, 123456.5, 1e12, 0].map(written)).toEqual([
    '0.333333',
    '1234570',
    '100000',
    '1e-7',
    '123457',
    '1000000000000',
    '0',
  ])
})

test('an answer is written as one line of the header’s columns', async () => {
  const [fine, bad] = await predict(table(`"a ""1""",${FINE}`, 'b,"x'))
  expect(PREDICTIONS_HEADER.trim().split(',')).toHaveLength(12)
  expect(fine && predictionLine(fine)).toBe('"a ""1""",1000,800,1250,200,160,250,2,1.6,2.5,ok,\n')
  expect(bad && predictionLine(bad)).toBe('b,,,,,,,,,,invalid,Line 3 opens a quote that is not closed.\n')
})
