/** Work that comes round again: one run at a time, a failed run is logged and the next one comes all the same. */
import type { FastifyBaseLogger } from 'fastify'

export interface Schedule {
  name: string
  everyMs: number
  run: () => Promise<unknown>
}

/** Returns a function that stops them and waits for the runs under way. */
export function startSchedules(schedules: readonly Schedule[], logger: FastifyBaseLogger): () => Promise<void> {
  const stop = new AbortController()
  const loops = schedules.map((schedule) => repeat(schedule, logger, stop.signal))
  return async () => {
    stop.abort()
    await Promise.all(loops)
  }
}

async function repeat({ name, everyMs, run }: Schedule, logger: FastifyBaseLogger, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    try {
      await run()
    } catch (error) {
      logger.warn({ err: error }, `${name} failed; it comes round again in ${everyMs} ms`)
    }
    await pause(everyMs, signal)
  }
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve()
    const timer = setTimeout(done, ms)
    function done() {
      clearTimeout(timer)
      signal.removeEventListener('abort', done)
      resolve()
    }
    signal.addEventListener('abort', done, { once: true })
  })
}
