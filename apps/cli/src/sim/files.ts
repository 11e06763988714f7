/** Files that `bud sim` reads, and the one it writes: whole or not at all. */

import { once } from 'node:events'
import { createReadStream } from 'node:fs'
import { open, readFile, rename, rm } from 'node:fs/promises'
import { text as readAll } from 'node:stream/consumers'
import { invalidInput, messageOf, type Workload } from '@bud/kernel'
import { trim } from '../output.ts'
import type { Terminal } from '../verb.ts'

/** A file, or "-" for standard input, in pieces of text; what is no UTF-8 becomes replacement characters. */
export async function* readText(file: string): AsyncGenerator<string> {
  const stream = file === '-' ? process.stdin : createReadStream(file)
  const decoder = new TextDecoder()
  try {
    for await (const chunk of stream) yield decoder.decode(chunk, { stream: true })
  } catch (cause) {
    throw unreadable(file, cause)
  }
  yield decoder.decode()
}

async function readWhole(file: string): Promise<string> {
  return file === '-'
    ? readAll(process.stdin)
    : readFile(file, 'utf8').catch((cause) => Promise.reject(unreadable(file, cause)))
}

/** Throws invalid-input that says where a text is no JSON. */
export async function readJson(file: string): Promise<unknown> {
  const content = await readWhole(file)
  try {
    return JSON.parse(content)
  } catch (error) {
    throw invalidInput(`${nameOf(file)} is not JSON: ${messageOf(error)}`)
  }
}

function unreadable(file: string, cause: unknown): Error {
  const missing = cause instanceof Error && 'code' in cause && cause.code === 'ENOENT'
  return invalidInput(missing ? `There is no file ${file}.` : `The file ${file} cannot be read: ${messageOf(cause)}`)
}

export const nameOf = (file: string): string => (file === '-' ? 'Standard input' : file)

/** The workload that a trace is; what of it was left out is said. */
export async function readTraceFile(file: string, say: Terminal['say']): Promise<Workload> {
  const { readTrace } = await import('@bud/budsim')
  const { workload, requests, duration_s, problems, skipped } = await readTrace(readText(file))
  const time = duration_s === null ? '' : ` in ${trim(duration_s)} s`
  say(
    `${nameOf(file)}: ${requests} requests${time}, ${lengths(workload)}.${skipped > 0 ? ` ${skipped} lines were left out:` : ''}`,
  )
  for (const { message } of problems) say(`  ${message}`)
  return workload
}

const lengths = (workload: Workload): string =>
  `${workload.input_tokens} tokens in and ${workload.output_tokens} out on average, ${Math.round(workload.prefix_cache_share * 100)} % of prompts seen before`

export interface TextSink {
  write(text: string): Promise<void>
  /** Makes what was written the file. */
  finish(): Promise<void>
  /** Leaves what was there before. */
  abandon(): Promise<void>
}

/** "-" is standard output. A file appears under its name once it is complete. */
export async function openSink(file: string): Promise<TextSink> {
  if (file === '-') {
    return { write: (text) => writeTo(process.stdout, text), finish: async () => {}, abandon: async () => {} }
  }
  const draft = `${file}.${process.pid}.part`
  const handle = await open(draft, 'w').catch((cause) => {
    throw invalidInput(`The file ${file} cannot be written: ${messageOf(cause)}`)
  })
  return {
    write: (text) => handle.appendFile(text),
    async finish() {
      await handle.close()
      await rename(draft, file)
    },
    async abandon() {
      await handle.close()
      await rm(draft, { force: true })
    },
  }
}

/** Resolves when more may be written. */
async function writeTo(stream: NodeJS.WritableStream, text: string): Promise<void> {
  if (!stream.write(text)) await once(stream, 'drain')
}
