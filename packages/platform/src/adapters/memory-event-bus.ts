/** Events within this process. They carry no content, so one that is still unread makes the next of its kind redundant. */
import type { BudEvent, EventBus } from '../ports.ts'
import { afterCommit } from './transaction-context.ts'

const QUEUE_MAX = 1_000

/** An event published inside a transaction is delivered when that has committed, and never when it rolls back. */
export function createMemoryEventBus(options: { queueMax?: number } = {}): EventBus {
  const queueMax = options.queueMax ?? QUEUE_MAX
  const readers = new Set<EventQueue>()
  return {
    publish(event) {
      afterCommit(() => {
        for (const reader of readers) reader.offer(event)
      })
    },
    subscribe(projectId, signal) {
      const queue: EventQueue = new EventQueue(projectId, queueMax, () => readers.delete(queue))
      readers.add(queue)
      if (signal.aborted) queue.end()
      else signal.addEventListener('abort', () => queue.end(), { once: true })
      return queue
    },
  }
}

class EventQueue implements AsyncIterable<BudEvent> {
  readonly #projectId: string
  readonly #queueMax: number
  readonly #onEnd: () => void
  readonly #unread = new Map<string, BudEvent>()
  #ended = false
  #wake: () => void = () => {}

  constructor(projectId: string, queueMax: number, onEnd: () => void) {
    this.#projectId = projectId
    this.#queueMax = queueMax
    this.#onEnd = onEnd
  }

  offer(event: BudEvent): void {
    if (event.project_id !== this.#projectId) return
    this.#unread.set(`${event.type} ${event.id}`, event)
    if (this.#unread.size > this.#queueMax) this.#takeOldest()
    this.#wake()
  }

  end(): void {
    this.#ended = true
    this.#onEnd()
    this.#wake()
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<BudEvent, void, undefined> {
    try {
      while (!this.#ended) {
        const event = this.#takeOldest()
        if (event) yield event
        else await this.#next()
      }
    } finally {
      this.end()
    }
  }

  #next(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#wake = resolve
    return promise
  }

  #takeOldest(): BudEvent | undefined {
    for (const [key, event] of this.#unread) {
      this.#unread.delete(key)
      return event
    }
    return undefined
  }
}
