/** Whose store it is: what the sweep removes must be this installation's own. */
import { randomUUID } from 'node:crypto'
import { text } from 'node:stream/consumers'
import { BudError } from '@bud/kernel'
import type { Context } from './context.ts'
import { installation } from './tables.ts'

const MARKER = 'installation/id'

/** Once at each start: a store without a mark becomes ours. */
export async function markStore(context: Pick<Context, 'database' | 'store'>): Promise<void> {
  const { store } = context
  if (await store.stat(MARKER)) return
  const id = await installationId(context)
  await store.write(MARKER, bytesOf(id)).catch(ignoreConflict)
}

export async function isOwnStore(context: Pick<Context, 'database' | 'store'>): Promise<boolean> {
  if (!(await context.store.stat(MARKER))) return false
  return (await text(await context.store.read(MARKER))) === (await installationId(context))
}

async function installationId({ database }: Pick<Context, 'database'>): Promise<string> {
  const [known] = await database.query.select().from(installation)
  if (known) return known.id
  await database.query.insert(installation).values({ id: randomUUID() }).onConflictDoNothing()
  const [made] = await database.query.select().from(installation)
  return made?.id ?? ''
}

async function* bytesOf(content: string): AsyncIterable<Uint8Array> {
  yield Buffer.from(content)
}

function ignoreConflict(error: unknown): void {
  if (!(error instanceof BudError && error.code === 'conflict')) throw error
}
