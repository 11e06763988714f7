/**
 * Knows whether the current call is inside an open `transact`. The pool may have one connection: anything that asks
 * it for a second one inside a transaction would wait for ever, so it is refused here instead.
 */
import { AsyncLocalStorage } from 'node:async_hooks'
import { BudError } from '@bud/kernel'

interface OpenTransaction {
  /** False once the body has ended: work it left running may use the pool again. */
  open: boolean
  readonly afterCommit: (() => void)[]
}

const storage = new AsyncLocalStorage<OpenTransaction>()

const current = (): OpenTransaction | undefined => {
  const transaction = storage.getStore()
  return transaction?.open ? transaction : undefined
}

/** Undefined outside a transaction; the error to fail with inside one. `what` reads "Starting a flow". */
export function refusalInsideTransaction(what: string): BudError | undefined {
  if (!current()) return undefined
  return new BudError(
    'internal',
    `${what} inside an open transaction would wait for itself for ever. Use the transaction's own handle, or do it after the transaction.`,
  )
}

/** Runs `action` once the open transaction has committed, never when it rolls back; at once outside one. */
export function afterCommit(action: () => void): void {
  const transaction = current()
  if (transaction) transaction.afterCommit.push(action)
  else action()
}

/** `begin` opens the transaction and calls its argument inside; commits when that resolves. */
export async function inTransaction<Handle, T>(
  begin: (inside: (handle: Handle) => Promise<T>) => Promise<T>,
  body: (handle: Handle) => Promise<T>,
): Promise<T> {
  const transaction: OpenTransaction = { open: true, afterCommit: [] }
  const result = await begin((handle) =>
    storage.run(transaction, async () => {
      try {
        return await body(handle)
      } finally {
        transaction.open = false
      }
    }),
  )
  for (const action of transaction.afterCommit) action()
  return result
}
