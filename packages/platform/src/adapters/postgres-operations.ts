/** Operations as rows: one per operation, one per step, so that steps that run side by side do not overwrite each other. */
import { notFound, type Reason } from '@bud/kernel'
import { and, asc, desc, eq, inArray, lt, sql } from '../drizzle.ts'
import type { Database, EventBus, Operation, OperationStep, Operations, Queryable, StepState } from '../ports.ts'
import { operationSteps, operations } from './schema.ts'

const ENDED: readonly StepState[] = ['succeeded', 'skipped', 'failed', 'undone']

export function createPostgresOperations(deps: {
  database: Database
  events: EventBus
  nowMs: () => number
}): Operations {
  return new PostgresOperations(deps.database, deps.events, deps.nowMs)
}

class PostgresOperations implements Operations {
  readonly #database: Database
  readonly #events: EventBus
  readonly #nowMs: () => number

  constructor(database: Database, events: EventBus, nowMs: () => number) {
    this.#database = database
    this.#events = events
    this.#nowMs = nowMs
  }

  async create(operation: Parameters<Operations['create']>[0], tx?: Queryable): Promise<void> {
    if (tx) await this.#insert(operation, tx)
    else await this.#database.transact((own) => this.#insert(operation, own))
    this.#changed(operation.project_id, operation.id)
  }

  async updateStep(id: string, step: string, change: Partial<Omit<OperationStep, 'name'>>): Promise<void> {
    const [row] = await this.#database.query
      .update(operationSteps)
      .set({ ...this.#times(change.state), ...change })
      .where(and(eq(operationSteps.operation_id, id), eq(operationSteps.name, step)))
      .returning({ project_id: operationSteps.project_id })
    if (!row) throw notFound('operation step', `${id}/${step}`)
    this.#changed(row.project_id, id)
  }

  async finish(id: string, state: 'succeeded' | 'failed', reasons: readonly Reason[] = []): Promise<void> {
    const ended_at = this.#now()
    const project = await this.#database.transact(async (tx) => {
      const [row] = await tx
        .update(operations)
        .set({ state, ended_at, reasons: [...reasons] })
        .where(and(eq(operations.id, id), eq(operations.state, 'running')))
        .returning({ project_id: operations.project_id })
      if (row && state === 'failed') await closeOpenSteps(tx, id, ended_at)
      return row?.project_id
    })
    if (project !== undefined) this.#changed(project, id)
  }

  async find(projectId: string, id: string): Promise<Operation | undefined> {
    const rows = await this.#database.query
      .select()
      .from(operations)
      .where(and(eq(operations.project_id, projectId), eq(operations.id, id)))
    return (await this.#withSteps(rows))[0]
  }

  async list(projectId: string, filter: { subject_id?: string | undefined; limit: number }): Promise<Operation[]> {
    const ofSubject = filter.subject_id === undefined ? undefined : eq(operations.subject_id, filter.subject_id)
    const rows = await this.#database.query
      .select()
      .from(operations)
      .where(and(eq(operations.project_id, projectId), ofSubject))
      .orderBy(desc(operations.created_at), desc(operations.id))
      .limit(filter.limit)
    return this.#withSteps(rows)
  }

  async forgetEnded(beforeMs: number): Promise<void> {
    await this.#database.query.delete(operations).where(lt(operations.ended_at, new Date(beforeMs).toISOString()))
  }

  async #insert(operation: Parameters<Operations['create']>[0], tx: Queryable): Promise<void> {
    const { steps, ...head } = operation
    const created = await tx
      .insert(operations)
      .values({ ...head, created_at: this.#now() })
      .onConflictDoNothing()
      .returning({ id: operations.id })
    if (created.length === 0 || steps.length === 0) return
    const { id: operation_id, project_id } = head
    await tx
      .insert(operationSteps)
      .values(steps.map((name, position) => ({ operation_id, project_id, name, position })))
  }

  async #withSteps(rows: (typeof operations.$inferSelect)[]): Promise<Operation[]> {
    if (rows.length === 0) return []
    const ids = rows.map(({ id }) => id)
    const steps = await this.#database.query
      .select()
      .from(operationSteps)
      .where(inArray(operationSteps.operation_id, ids))
      .orderBy(asc(operationSteps.position))
    const stepsOf = Map.groupBy(steps, ({ operation_id }) => operation_id)
    return rows.map((row) => ({ ...row, steps: (stepsOf.get(row.id) ?? []).map(toStep) }))
  }

  /** First start and first end stay as they are when a step is reported again after a crash. */
  #times(state: StepState | undefined) {
    const now = this.#now()
    const started_at = sql`coalesce(${operationSteps.started_at}, ${now})`
    if (state === 'running') return { started_at, ended_at: null }
    if (state === undefined || !ENDED.includes(state)) return {}
    const ended_at = sql`coalesce(${operationSteps.ended_at}, ${now})`
    return state === 'skipped' ? { ended_at } : { started_at, ended_at }
  }

  #now(): string {
    return new Date(this.#nowMs()).toISOString()
  }

  #changed(project_id: string, id: string): void {
    this.#events.publish({ project_id, type: 'operation.changed', id })
  }
}

/** A failed operation leaves no step that looks as if it were still going on, or still to come. */
async function closeOpenSteps(tx: Queryable, id: string, ended_at: string): Promise<void> {
  const close = (from: StepState, to: StepState) =>
    tx
      .update(operationSteps)
      .set({ state: to, ended_at })
      .where(and(eq(operationSteps.operation_id, id), eq(operationSteps.state, from)))
  await close('running', 'failed')
  await close('pending', 'skipped')
}

const toStep = (row: typeof operationSteps.$inferSelect): OperationStep => ({
  name: row.name,
  state: row.state,
  started_at: row.started_at,
  ended_at: row.ended_at,
  message: row.message,
  progress: row.progress,
})
