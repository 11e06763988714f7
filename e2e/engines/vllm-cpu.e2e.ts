/** The real vLLM, on the CPU with a model of two layers: what the simulated one is held to. */
import { afterAll, beforeAll, describe } from 'vitest'
import { isVllmInstalled, type RunningEngine, startVllm, VLLM_VERSION } from '../parts/vllm-cpu.ts'
import { engineContract } from './engine.contract.ts'
import { MAX_MODEL_LEN, MAX_NUM_SEQS, MODEL, type Target } from './target.ts'
import { vllmContract } from './vllm.contract.ts'

describe.skipIf(!isVllmInstalled())(`real vLLM ${VLLM_VERSION}`, () => {
  let running: RunningEngine | undefined
  beforeAll(async () => {
    running = await startVllm({ servedModelName: MODEL, maxModelLen: MAX_MODEL_LEN, maxNumSeqs: MAX_NUM_SEQS })
  })
  afterAll(() => running?.stop())

  const target = async (): Promise<Target> => {
    if (running === undefined) throw new Error('vLLM is not running')
    return { baseUrl: running.baseUrl, engine: 'vllm', version: VLLM_VERSION }
  }
  engineContract(target)
  vllmContract(target)
})
