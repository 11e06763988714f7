/** Runs in a thread of its own: inspects the file it is told of, reading its bytes through whoever started it. */
import { parentPort } from 'node:worker_threads'
import { failed, messageOf } from '@bud/kernel'
import type { RangedFile } from '../domain/formats/ranged-file.ts'
import { inspectFile } from '../domain/scan/inspect-file.ts'
import type { FromThread, ToThread } from './inspection-thread.ts'

interface Waiting {
  resolve(content: Uint8Array): void
  reject(error: Error): void
}

const waiting = new Map<number, Waiting>()
let lastId = 0
const tell = (message: FromThread) => parentPort?.postMessage(message)

function remoteFile(path: string, bytes: number): RangedFile {
  return {
    path,
    bytes,
    read: (offset, length) =>
      new Promise((resolve, reject) => {
        const id = ++lastId
        waiting.set(id, { resolve, reject })
        tell({ kind: 'read', id, offset, length })
      }),
  }
}

async function inspect(path: string, bytes: number): Promise<void> {
  try {
    tell({ kind: 'scan', scan: await inspectFile(remoteFile(path, bytes)) })
  } catch (error) {
    tell({ kind: 'failed', message: messageOf(error) })
  }
}

parentPort?.on('message', (message: ToThread) => {
  if (message.kind === 'inspect') return void inspect(message.path, message.bytes)
  const reader = waiting.get(message.id)
  waiting.delete(message.id)
  if (message.kind === 'part') reader?.resolve(Buffer.from(message.content))
  else reader?.reject(failed(message.message))
})
