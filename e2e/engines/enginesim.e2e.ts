/** The simulated engines, each in a process of its own as a person would try one. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { engineFacts } from '@bud/engines'
import type { EngineName } from '@bud/kernel'
import { afterAll, beforeAll, describe } from 'vitest'
import { VLLM_VERSION } from '../parts/vllm-cpu.ts'
import { engineContract } from './engine.contract.ts'
import { MAX_MODEL_LEN, MAX_NUM_SEQS, MODEL, type Target } from './target.ts'
import { vllmContract } from './vllm.contract.ts'

const program = join(import.meta.dirname, '../../apps/enginesim/src/main.ts')

async function start(engine: EngineName, version: string): Promise<{ child: ChildProcess; target: Target }> {
  const child = spawn(
    process.execPath,
    [
      ...[program, '--try', engine, '--engine-version', version, '--served-model-name', MODEL],
      ...['--max-model-len', String(MAX_MODEL_LEN), '--max-num-seqs', String(MAX_NUM_SEQS)],
      ...['--startup-time-factor', '0'],
    ],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  )
  for await (const line of createInterface({ input: child.stdout })) {
    const { base_url } = JSON.parse(line) as { base_url: string }
    return { child, target: { baseUrl: base_url, engine, version } }
  }
  throw new Error(`enginesim ended with ${child.exitCode} before it was ready`)
}

function simulated(
  engine: EngineName,
  version: string,
  contracts: readonly ((start: () => Promise<Target>) => void)[],
) {
  describe(`simulated ${engine} ${version}`, () => {
    let running: Awaited<ReturnType<typeof start>>
    beforeAll(async () => {
      running = await start(engine, version)
    })
    afterAll(async () => {
      const ended = once(running.child, 'exit')
      running.child.kill('SIGTERM')
      await ended
    })
    for (const contract of contracts) contract(async () => running.target)
  })
}

simulated('vllm', VLLM_VERSION, [engineContract, vllmContract])
simulated('sglang', engineFacts('sglang').version, [engineContract])
simulated('tensorrt-llm', engineFacts('tensorrt-llm').version, [engineContract])
