import { expect, test } from 'vitest'
import { createGpuCatalogue } from '../../domain/gpu-catalogue.ts'
import { createModelCatalogue } from '../../domain/model-catalogue.ts'
import { gpus, kernels, models } from '../../testing/fixtures.ts'
import { untrainedModel } from '../../testing/untrained-model.ts'
import { createCasePredictor } from '../case-predictor.ts'
import { createRefinedPredictor } from '../refined-predictor.ts'
import { observeRows } from './observe-rows.ts'
import { predictRows } from './predict-rows.ts'

const base = createCasePredictor(untrainedModel(), kernels)
const catalogues = { gpus: createGpuCatalogue(gpus), models: createModelCatalogue(models) }
const HEADER = 'row_id,engine,model,gpu,num_gpus,tp,precision,isl,osl,concurrency_or_batch,scenario'
const row = (id: string, concurrency: number): string =>
  `${id},vLLM,meta-llama/Llama-3.1-8B-Instruct,H100-SXM-80GB,1,1,bf16,1000,200,${concurrency},closed_loop_agg`

async function tpotOf(predictor: typeof base): Promise<number> {
  const chunks = [`${HEADER}\n${row('x', 16)}\n`]
  for await (const [answer] of predictRows({ chunks, predictor, ...catalogues, note: () => {} })) {
    if (answer?.tpot_ms) return answer.tpot_ms
  }
  throw new Error('no answer')
}

test('measured rows move predictions of their like towards what was measured', async () => {
  const plain = await tpotOf(base)
  const measured = [8, 12, 24].map((concurrency, i) => `${row(`o${i}`, concurrency)},${plain * 1.5}`)
  const table = [`${HEADER},tpot_ms_mean`, ...measured, `${row('none', 8)},`, `${row('bad', -1)},9`, 'cut,"off'].join(
    '\n',
  )
  const { refinement, problems, skipped } = await observeRows({
    chunks: [table],
    predictor: base,
    id: 'observed.csv',
    ...catalogues,
  })
  expect(refinement.observations).toBe(3)
  expect(skipped).toBe(3)
  expect(problems).toEqual([
    'Line 5: nothing of it was measured.',
    'Line 6, column concurrency_or_batch: "-1" is not a positive number.',
    'Line 7 opens a quote that is not closed.',
  ])
  const refined = await tpotOf(createRefinedPredictor(base, refinement))
  expect(refined).toBeGreaterThan(plain * 1.1)
})
