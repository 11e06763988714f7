/** Loads that people name rather than measure. Lengths are starting points: a trace of one's own traffic is better. */
import type { Workload } from '@bud/kernel'

export interface WorkloadPreset {
  workload: Workload
  /** Why these numbers, in one line. */
  reason: string
}

export const WORKLOAD_PRESETS = {
  chat: {
    workload: preset({ input: 1024, inputCv: 1, output: 256, outputCv: 0.8, prefix: 0.3 }),
    reason: 'Turns of very different length; earlier turns and the system prompt come again.',
  },
  rag: {
    workload: preset({ input: 4096, inputCv: 0.5, output: 384, outputCv: 0.6, prefix: 0.1 }),
    reason: 'Retrieved passages fill the prompt and differ each time; only the instructions repeat.',
  },
  'code-completion': {
    workload: preset({ input: 2048, inputCv: 0.8, output: 48, outputCv: 0.8, prefix: 0.5 }),
    reason: 'The file around the cursor comes again with every keystroke; a few lines are written.',
  },
  summarising: {
    workload: preset({ input: 8192, inputCv: 0.7, output: 512, outputCv: 0.4, prefix: 0.02 }),
    reason: 'Whole documents, each read once; summaries are of similar length.',
  },
  batch: {
    workload: preset({ input: 1024, inputCv: 0.6, output: 512, outputCv: 0.6, prefix: 0.2, structured: true }),
    reason: 'One instruction over many records, answered as JSON; throughput counts, not waiting.',
  },
} satisfies Record<string, WorkloadPreset>

export type WorkloadPresetName = keyof typeof WORKLOAD_PRESETS
export const WORKLOAD_PRESET_NAMES = Object.keys(WORKLOAD_PRESETS) as WorkloadPresetName[]

/** As a list, for people to choose from. */
export const listWorkloadPresets = (): Array<WorkloadPreset & { name: WorkloadPresetName }> =>
  WORKLOAD_PRESET_NAMES.map((name) => ({ name, ...WORKLOAD_PRESETS[name] }))

function preset(of: {
  input: number
  inputCv: number
  output: number
  outputCv: number
  prefix: number
  structured?: true
}): Workload {
  return {
    input_tokens: of.input,
    output_tokens: of.output,
    input_tokens_cv: of.inputCv,
    output_tokens_cv: of.outputCv,
    prefix_cache_share: of.prefix,
    ...(of.structured && { structured_output: true }),
  }
}
