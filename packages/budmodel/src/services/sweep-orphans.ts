/** Stored files that belong to nothing: left by a crash between two steps. Found by comparing the store with the rows. */
import type { Principal } from '@bud/access'
import { BudError, conflict, type IdKind, isId, messageOf } from '@bud/kernel'
import { inArray } from '@bud/platform/drizzle'
import type { Context } from './context.ts'
import { isOwnStore } from './installation.ts'
import { uploads, versions } from './tables.ts'
import { sweepAbandoned } from './uploads.ts'

/** What is younger may belong to a registration whose rows are not seen yet. */
const MIN_AGE_MS = 3_600_000
/** What the schedule removes: time enough to notice that a database was restored from an old copy. */
const SCHEDULED_AGE_MS = 7 * 24 * 3_600_000
const QUERY_IDS = 1000

export interface Orphan {
  prefix: string
  files: number
  bytes: number
  removed: boolean
}

type Found = Omit<Orphan, 'removed'>

/** For a person: what has been left over for an hour. */
export async function sweepOrphans(
  context: Context,
  { role }: Pick<Principal, 'role'>,
  { dry_run }: { dry_run: boolean },
): Promise<{ orphans: Orphan[] }> {
  if (role === 'member') {
    throw new BudError('forbidden', 'Only an owner or administrator may sweep the store: it belongs to every project.')
  }
  if (!(await isOwnStore(context))) throw conflict(NOT_OURS)
  const found = await findOrphans(context, MIN_AGE_MS)
  if (dry_run) return { orphans: found.map((orphan) => ({ ...orphan, removed: false })) }
  return { orphans: await removeAll(context, found) }
}

/** For the schedule: uploads nobody came back to, and what has been left over for a week. */
export async function sweepByItself(context: Context): Promise<void> {
  await sweepAbandoned(context)
  if (!(await isOwnStore(context))) return context.log.warn({}, NOT_OURS)
  const orphans = await removeAll(context, await findOrphans(context, SCHEDULED_AGE_MS))
  if (orphans.length > 0) context.log.info({ orphans }, 'Stored files that belonged to nothing were removed.')
}

const NOT_OURS =
  'The model store belongs to another installation (its object installation/id says so): nothing in it is swept.'

async function findOrphans(context: Context, minAgeMs: number): Promise<Found[]> {
  const before = context.clock.nowMs() - minAgeMs
  return [
    ...(await orphansBelow(context, 'models', ['model', 'mver'], before, knownVersions)),
    ...(await orphansBelow(context, 'uploads', ['upload'], before, knownUploads)),
  ]
}

/** One that cannot be removed now is told, and tried again the next time. */
async function removeAll({ store, log }: Context, found: readonly Found[]): Promise<Orphan[]> {
  const orphans: Orphan[] = []
  for (const orphan of found) {
    const removed = await store.deletePrefix(orphan.prefix).then(
      () => true,
      (err: unknown) => {
        log.warn({ err }, `${orphan.prefix} is removed later: ${messageOf(err)}`)
        return false
      },
    )
    orphans.push({ ...orphan, removed })
  }
  return orphans
}

/** Groups objects by their owner, whose id is the last of `kinds`; what is named otherwise is somebody else's. */
async function orphansBelow(
  context: Context,
  root: string,
  kinds: readonly IdKind[],
  beforeMs: number,
  known: (context: Context, ids: string[]) => Promise<Set<string>>,
): Promise<Found[]> {
  const groups = new Map<string, { id: string; files: number; bytes: number; changedMs: number }>()
  for await (const { key, bytes, changed_ms } of context.store.list(root)) {
    const ids = key.split('/').slice(1, kinds.length + 1)
    const id = ids.at(-1) ?? ''
    if (ids.length < kinds.length || !kinds.every((kind, at) => isId(kind, ids[at] ?? ''))) continue
    const prefix = [root, ...ids].join('/')
    if (key === prefix) continue
    const group = groups.get(prefix) ?? { id, files: 0, bytes: 0, changedMs: 0 }
    group.files++
    group.bytes += bytes
    group.changedMs = Math.max(group.changedMs, changed_ms)
    groups.set(prefix, group)
  }
  const old = [...groups].filter(([, { changedMs }]) => changedMs < beforeMs)
  const owned = await known(
    context,
    old.map(([, { id }]) => id),
  )
  return old.filter(([, { id }]) => !owned.has(id)).map(([prefix, { files, bytes }]) => ({ prefix, files, bytes }))
}

/** Failed imports and deletions keep nothing: what lies there is left over. */
async function knownVersions({ database }: Context, ids: string[]): Promise<Set<string>> {
  const known = new Set<string>()
  for (const part of inParts(ids)) {
    const rows = await database.query
      .select({ id: versions.id, state: versions.state, deleting: versions.deleting })
      .from(versions)
      .where(inArray(versions.id, part))
    for (const { id, state, deleting } of rows) if (state !== 'failed' && !deleting) known.add(id)
  }
  return known
}

async function knownUploads({ database }: Context, ids: string[]): Promise<Set<string>> {
  const known = new Set<string>()
  for (const part of inParts(ids)) {
    const rows = await database.query.select({ id: uploads.id }).from(uploads).where(inArray(uploads.id, part))
    for (const { id } of rows) known.add(id)
  }
  return known
}

function* inParts(ids: readonly string[]): Iterable<string[]> {
  for (let at = 0; at < ids.length; at += QUERY_IDS) yield ids.slice(at, at + QUERY_IDS)
}
