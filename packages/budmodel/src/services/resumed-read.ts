/** One file's bytes as one stream, over as many connections as it takes. */
import { addAbortSignal, type Readable } from 'node:stream'
import { BudError, type Clock, failed, messageOf } from '@bud/kernel'
import { unlessAborted } from './unless-aborted.ts'

export interface ResumedRead {
  file: { path: string; bytes: number }
  /** The file from byte `start` on. */
  open(start: number): Promise<Readable>
  clock: Clock
  signal: AbortSignal
}

/** In a row, without a byte between them: about a minute. */
const MAX_FAILURES = 7
const FIRST_WAIT_MS = 500
const MAX_WAIT_MS = 30_000

/**
 * Exactly `file.bytes` bytes: a read that breaks off goes on from where it was. Rejects when the source has refused,
 * has another length now, or has broken off again and again without a byte in between; with the signal's reason when
 * that aborts. Nothing stays open afterwards.
 */
export async function* resumedRead({ file, open, clock, signal }: ResumedRead): AsyncGenerator<Uint8Array> {
  let at = 0
  let failures = 0
  for (;;) {
    const from = at
    let broken: unknown
    try {
      const content = await unlessAborted(
        signal,
        () => open(from),
        (stream) => stream.destroy(),
      )
      for await (const chunk of addAbortSignal(signal, content) as AsyncIterable<Uint8Array>) {
        at += chunk.length
        if (at > file.bytes) throw changedMeanwhile(file, `more than ${file.bytes}`)
        yield chunk
      }
      if (at === file.bytes) return
      if (at === from) throw changedMeanwhile(file, `${at}`)
    } catch (error) {
      signal.throwIfAborted()
      if (error instanceof BudError && !error.retryable) throw error
      broken = error
    }
    failures = at > from ? 1 : failures + 1
    if (failures > MAX_FAILURES) throw brokenOff(file, at, broken)
    await clock.sleep(Math.min(FIRST_WAIT_MS * 2 ** (failures - 1), MAX_WAIT_MS), signal)
  }
}

export const changedMeanwhile = (file: { path: string; bytes: number }, now: string): BudError =>
  failed(`${file.path} changed while it was read: it had ${file.bytes} bytes and now has ${now}.`, [
    {
      code: 'source-changed',
      message: `${file.path} had ${file.bytes} bytes when it was listed and has ${now} now.`,
      path: file.path,
      next_step: 'Wait until the files are complete, then register again.',
    },
  ])

function brokenOff(file: { path: string; bytes: number }, at: number, cause: unknown): BudError {
  if (cause instanceof BudError) return cause
  const told = cause === undefined ? 'the connection ended early' : messageOf(cause)
  const message = `${file.path} could not be read beyond byte ${at} of ${file.bytes}: ${told}.`
  return new BudError('unavailable', message, {
    reasons: [
      {
        code: 'source-broken-off',
        message,
        path: file.path,
        next_step: `It was tried ${MAX_FAILURES + 1} times. See that the source can be reached, then register again.`,
      },
    ],
    cause,
  })
}
