/** Answers kept as rows: one statement decides who may act, so that of many control planes and requests one does. */
import { randomUUID } from 'node:crypto'
import { and, eq, lt, sql } from '../drizzle.ts'
import type { Claim, Database, Idempotency, KeptAnswer, RepeatableRequest, SecretBox } from '../ports.ts'
import { idempotencyKeys } from './schema.ts'

const KEPT_MS = 24 * 3_600_000
/** A request that has not been answered by then was cut off by a crash. */
const UNDER_WAY_MS = 60_000

export function createPostgresIdempotency(deps: {
  database: Database
  secrets: SecretBox
  nowMs: () => number
}): Idempotency {
  return new PostgresIdempotency(deps.database, deps.secrets, deps.nowMs)
}

class PostgresIdempotency implements Idempotency {
  readonly #database: Database
  readonly #secrets: SecretBox
  readonly #nowMs: () => number

  constructor(database: Database, secrets: SecretBox, nowMs: () => number) {
    this.#database = database
    this.#secrets = secrets
    this.#nowMs = nowMs
  }

  async claim(request: RepeatableRequest): Promise<Claim> {
    for (;;) {
      const claim = (await this.#take(request)) ?? (await this.#find(request))
      // Neither: it was released between the two statements, so it can be taken now.
      if (claim) return claim
    }
  }

  async keep(claimId: string, { status, body }: KeptAnswer): Promise<void> {
    await this.#database.query
      .update(idempotencyKeys)
      .set({ status, body: this.#secrets.seal(body) })
      .where(eq(idempotencyKeys.claim_id, claimId))
  }

  async release(claimId: string): Promise<void> {
    await this.#database.query.delete(idempotencyKeys).where(eq(idempotencyKeys.claim_id, claimId))
  }

  async forgetOld(): Promise<void> {
    await this.#database.query.delete(idempotencyKeys).where(lt(idempotencyKeys.created_at, this.#ago(KEPT_MS)))
  }

  /** A new row, or one whose time is over. */
  async #take(request: RepeatableRequest): Promise<Claim | undefined> {
    const { project_id, caller, route, key, digest } = request
    const fresh = { digest, claim_id: randomUUID(), status: null, body: null, created_at: this.#ago(0) }
    const { created_at, status } = idempotencyKeys
    const [row] = await this.#database.query
      .insert(idempotencyKeys)
      .values({ project_id, caller, route, key, ...fresh })
      .onConflictDoUpdate({
        target: [idempotencyKeys.project_id, idempotencyKeys.caller, idempotencyKeys.route, idempotencyKeys.key],
        set: fresh,
        setWhere: sql`${created_at} < ${this.#ago(KEPT_MS)} or (${status} is null and ${created_at} < ${this.#ago(UNDER_WAY_MS)})`,
      })
      .returning({ claim_id: idempotencyKeys.claim_id })
    return row && { state: 'claimed', claim_id: row.claim_id }
  }

  async #find({ project_id, caller, route, key, digest }: RepeatableRequest): Promise<Claim | undefined> {
    const [row] = await this.#database.query
      .select()
      .from(idempotencyKeys)
      .where(
        and(
          eq(idempotencyKeys.project_id, project_id),
          eq(idempotencyKeys.caller, caller),
          eq(idempotencyKeys.route, route),
          eq(idempotencyKeys.key, key),
        ),
      )
    if (!row) return undefined
    if (row.digest !== digest) return { state: 'other-request' }
    if (row.status === null || row.body === null) return { state: 'under-way' }
    return { state: 'answered', answer: { status: row.status, body: this.#secrets.open(row.body) } }
  }

  #ago(ms: number): string {
    return new Date(this.#nowMs() - ms).toISOString()
  }
}
