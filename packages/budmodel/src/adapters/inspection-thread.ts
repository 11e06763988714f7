/** One thread that inspects files: it asks for their bytes by parts, and is ended when it takes too long. */
import { Worker } from 'node:worker_threads'
import { failed } from '@bud/kernel'
import type { RangedFile } from '../domain/formats/ranged-file.ts'
import type { FileScan } from '../domain/scan/scan-report.ts'

export type ToThread =
  | { kind: 'inspect'; path: string; bytes: number }
  | { kind: 'part'; id: number; content: Uint8Array }
  | { kind: 'unreadable'; id: number; message: string }

export type FromThread =
  | { kind: 'read'; id: number; offset: number; length: number }
  | { kind: 'scan'; scan: FileScan }
  | { kind: 'failed'; message: string }

/** A parser's own memory; the parts of files that it holds come on top. */
const MAX_HEAP_MB = 512

export class InspectionThread {
  readonly #worker = new Worker(new URL('./inspection-worker.ts', import.meta.url), {
    resourceLimits: { maxOldGenerationSizeMb: MAX_HEAP_MB },
  })

  constructor() {
    // Nothing is inspected: nothing keeps the process alive.
    this.#worker.unref()
  }

  /** One at a time. After a rejection the thread is of no more use. */
  inspect(file: RangedFile, timeoutMs: number): Promise<FileScan> {
    const worker = this.#worker
    worker.ref()
    return new Promise<FileScan>((resolve, reject) => {
      const timer = setTimeout(() => reject(failed(`it took longer than ${timeoutMs / 1000} s.`)), timeoutMs)
      const onError = (error: Error) => reject(error)
      const onExit = () => reject(failed('its thread ended.'))
      const onMessage = (message: FromThread) => {
        if (message.kind === 'read') void answer(worker, file, message)
        else if (message.kind === 'scan') resolve(message.scan)
        else reject(failed(message.message))
      }
      worker.on('message', onMessage).on('error', onError).on('exit', onExit)
      this.#settled = () => {
        clearTimeout(timer)
        worker.off('message', onMessage).off('error', onError).off('exit', onExit)
        worker.unref()
      }
      worker.postMessage({ kind: 'inspect', path: file.path, bytes: file.bytes } satisfies ToThread)
    }).finally(() => this.#settled())
  }

  async end(): Promise<void> {
    await this.#worker.terminate()
  }

  #settled: () => void = () => {}
}

async function answer(
  worker: Worker,
  file: RangedFile,
  { id, offset, length }: { id: number; offset: number; length: number },
) {
  try {
    // A copy of just these bytes: a view would take its whole buffer along.
    const content = new Uint8Array(await file.read(offset, length))
    worker.postMessage({ kind: 'part', id, content } satisfies ToThread, [content.buffer])
  } catch (error) {
    worker.postMessage({ kind: 'unreadable', id, message: String(error) } satisfies ToThread)
  }
}
