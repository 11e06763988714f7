/** Waiting that an abort ends. */

/** Rejects with the signal's reason as soon as it aborts; a result that comes later goes to `late`. */
export async function unlessAborted<T>(
  signal: AbortSignal,
  work: () => Promise<T>,
  late: (result: T) => void = () => {},
): Promise<T> {
  signal.throwIfAborted()
  const { promise, resolve, reject } = Promise.withResolvers<T>()
  const stop = () => reject(signal.reason)
  signal.addEventListener('abort', stop, { once: true })
  work().then((result) => (signal.aborted ? late(result) : resolve(result)), reject)
  try {
    return await promise
  } finally {
    signal.removeEventListener('abort', stop)
  }
}
