/** One `bud` command line in this process, with what it wrote and how it ended. */
import { runProgram } from '../program.ts'

export interface BudResult {
  code: number
  stdout: string
  stderr: string
}

/** One at a time: it listens on the process's own output. */
export async function runBud(...args: string[]): Promise<BudResult> {
  const result: BudResult = { code: 0, stdout: '', stderr: '' }
  const restore = [listen('stdout', 'log', result), listen('stderr', 'error', result)]
  const before = process.exitCode
  process.exitCode = undefined
  try {
    await runProgram(args)
    result.code = Number(process.exitCode ?? 0)
    return result
  } finally {
    process.exitCode = before
    for (const undo of restore) undo()
  }
}

function listen(stream: 'stdout' | 'stderr', method: 'log' | 'error', result: BudResult): () => void {
  const { write } = process[stream]
  const print = console[method]
  process[stream].write = (chunk: string | Uint8Array) => {
    result[stream] += chunk.toString()
    return true
  }
  console[method] = (...values: unknown[]) => {
    result[stream] += `${values.join(' ')}\n`
  }
  return () => {
    process[stream].write = write
    console[method] = print
  }
}
