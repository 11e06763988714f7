/** A pg.Pool that refuses to be asked for a connection inside an open transaction. */
import pg from 'pg'
import { refusalInsideTransaction } from './transaction-context.ts'

type ConnectCallback = Parameters<pg.Pool['connect']>[0]

export class GuardedPool extends pg.Pool {
  override connect(): Promise<pg.PoolClient>
  override connect(callback: ConnectCallback): void
  override connect(callback?: ConnectCallback): Promise<pg.PoolClient> | undefined {
    const refusal = refusalInsideTransaction('Asking the pool for another connection')
    if (!callback) return refusal ? Promise.reject(refusal) : super.connect()
    if (refusal) callback(refusal, undefined, () => {})
    else super.connect(callback)
    return undefined
  }
}
