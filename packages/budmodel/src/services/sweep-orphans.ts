/** Stored files that belong to nothing: left by a crash between two steps. Found by comparing the store with the rows. */
import type { Principal } from '@bud/access'
import { BudError } from '@bud/kernel'
import { inArray } from '@bud/platform/drizzle'
import type { Context } from './context.ts'
import { uploads, versions } from './tables.ts'

/** What is younger may belong to a registration whose rows are not seen yet. */
const MIN_AGE_MS = 3_600_000
const QUERY_IDS = 1000

export interface Orphan {
  prefix: string
  files: number
  bytes: number
  removed: boolean
}

export async function sweepOrphans(
  context: Context,
  principal: Pick<Principal, 'role'>,
  { dry_run }: { dry_run: boolean },
): Promise<{ orphans: Orphan[] }> {
  if (principal.role === 'member') {
    throw new BudError('forbidden', 'Only an owner or administrator may sweep the store: it belongs to every project.')
  }
  const found = [
    ...(await orphansBelow(context, 'models', 2, (ids) => knownVersions(context, ids))),
    ...(await orphansBelow(context, 'uploads', 1, (ids) => knownUploads(context, ids))),
  ]
  const orphans: Orphan[] = []
  for (const orphan of found) {
    if (!dry_run) await context.store.deletePrefix(orphan.prefix)
    orphans.push({ ...orphan, removed: !dry_run })
  }
  if (!dry_run && orphans.length > 0)
    context.log.info({ orphans }, 'Stored files that belonged to nothing were removed.')
  return { orphans }
}

/** Groups objects by their owner's prefix, `depth` levels below `root`; the owner's id is the prefix's last part. */
async function orphansBelow(
  context: Context,
  root: string,
  depth: number,
  known: (ids: string[]) => Promise<Set<string>>,
): Promise<Omit<Orphan, 'removed'>[]> {
  const groups = new Map<string, { files: number; bytes: number; changedMs: number }>()
  for await (const { key, bytes, changed_ms } of context.store.list(root)) {
    const prefix = key
      .split('/')
      .slice(0, depth + 1)
      .join('/')
    const group = groups.get(prefix) ?? { files: 0, bytes: 0, changedMs: 0 }
    group.files++
    group.bytes += bytes
    group.changedMs = Math.max(group.changedMs, changed_ms)
    groups.set(prefix, group)
  }
  const before = context.clock.nowMs() - MIN_AGE_MS
  const old = [...groups].filter(([, { changedMs }]) => changedMs < before)
  const owned = await known(old.map(([prefix]) => idIn(prefix)))
  return old
    .filter(([prefix]) => !owned.has(idIn(prefix)))
    .map(([prefix, { files, bytes }]) => ({ prefix, files, bytes }))
}

const idIn = (prefix: string): string => prefix.slice(prefix.lastIndexOf('/') + 1)

/** Failed imports keep nothing: what lies there is left over. */
async function knownVersions({ database }: Context, ids: string[]): Promise<Set<string>> {
  const known = new Set<string>()
  for (const part of inParts(ids)) {
    const rows = await database.query
      .select({ id: versions.id, state: versions.state })
      .from(versions)
      .where(inArray(versions.id, part))
    for (const { id, state } of rows) if (state !== 'failed') known.add(id)
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
