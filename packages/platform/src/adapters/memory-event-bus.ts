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
      const queue = new EventQueue(projectId, queueMax)
      if (!signal.aborted) {
        readers.add(queue)
        signal.addEventListener('abort', () => {
          readers.delete(queue)
          queue.end()
        })
      } else queue.end()
      return queue
    },
  }
}

class EventQueue implements AsyncIterable<BudEvent> {
  readonly #projectId: string
  readonly #queueMax: number
  readonly #unread = new Map<string, BudEvent>()
  #ended = false
  #wake: () => void = () => {}

  constructor(projectId: string, queueMax: number) {
    this.#projectId = projectId
    this.#queueMax = queueMax
  }

  offer(event: BudEvent): void {
    if (event.project_id !== this.#projectId) return
    this.#unread.set(`${event.type} ${event.id}`, event)
    if (this.#unread.size > this.#queueMax) this.#takeOldest()
    this.#wake()
  }

  end(): void {
    this.#ended = true
    this.#wake()
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<BudEvent, void, undefined> {
    while (!this.#ended) {
      const event = this.#takeOldest()
      if (event) yield event
      else await new Promise<void>((resolve) => (this.#wake = resolve))
    }
  }

  #takeOldest(): BudEvent | undefined {
    for (const [key, event] of this.#unread) {
      this.#unread.delete(key)
      return event
    }
    return undefined
  }
}
