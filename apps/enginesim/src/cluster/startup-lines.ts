/** What an engine logs on its way up and down, in its own manner, with the figures of this replica. */
import type { StartupPhase } from '@bud/engines'
import type { EngineName } from '@bud/kernel'

export interface LineFacts {
  engine: EngineName
  version: string
  model: string
  weightsBytesPerGpu: number
  node: string
  seconds: number
}

const gib = (bytes: number) => (bytes / 2 ** 30).toFixed(2)

/** The line that ends a phase. */
export function phaseLine(phase: StartupPhase['phase'], facts: LineFacts): string {
  const seconds = facts.seconds.toFixed(2)
  switch (phase) {
    case 'scheduling':
      return `Successfully assigned ${facts.model} to ${facts.node}`
    case 'pulling':
      return `Successfully pulled image for ${facts.engine} ${facts.version} in ${seconds} s`
    case 'loading':
      return line(facts.engine, `Model loading took ${gib(facts.weightsBytesPerGpu)} GiB memory and ${seconds} seconds`)
    case 'compiling':
      return line(facts.engine, compiled(facts.engine, seconds))
    case 'warming':
      return line(facts.engine, `init engine (profile, create kv cache, warmup model) took ${seconds} s`)
  }
}

export function readyLine(engine: EngineName): string {
  return engine === 'sglang' ? 'The server is fired up and ready to roll!' : 'INFO:     Application startup complete.'
}

export const errorLine = (engine: EngineName, message: string) => line(engine, message, 'ERROR')

const compiled = (engine: EngineName, seconds: string) =>
  engine === 'vllm'
    ? `torch.compile takes ${seconds} s in total`
    : `Capture cuda graph end. Time elapsed: ${seconds} s.`

function line(engine: EngineName, text: string, level: 'INFO' | 'ERROR' = 'INFO'): string {
  if (engine === 'vllm') return `(EngineCore) ${level} ${text}`
  if (engine === 'sglang') return `[TP0] ${text}`
  return `[TRT-LLM] [${level === 'INFO' ? 'I' : 'E'}] ${text}`
}
