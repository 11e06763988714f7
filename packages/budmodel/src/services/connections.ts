/** Buckets and hubs that models may come from: tried before they are kept, their secrets sealed. */
import type { Principal } from '@bud/access'
import { BudError, type Clock, conflict, invalidInput, notFound } from '@bud/kernel'
import type { Database, SecretBox } from '@bud/platform'
import { and, asc, eq, or } from '@bud/platform/drizzle'
import { z } from 'zod'
import type { ConnectionProbe, HubConnection, S3Connection } from '../ports.ts'
import { nameOf } from './context.ts'
import { connections } from './tables.ts'

export interface ConnectionsDependencies {
  database: Database
  secrets: SecretBox
  clock: Clock
  probe: ConnectionProbe
}

export type NewConnection = { name: string } & (
  | {
      kind: 's3'
      bucket: string
      endpoint?: string | undefined
      region: string
      path_style: boolean
      access_key_id: string
      secret_access_key: string
      session_token?: string | undefined
    }
  | { kind: 'huggingface'; endpoint: string; token?: string | undefined }
)

export interface Connection {
  name: string
  kind: 's3' | 'huggingface'
  bucket: string | null
  endpoint: string | null
  region: string | null
  path_style: boolean | null
  access_key_id: string | null
  has_secret: boolean
  created_by: string
  created_at: string
}

export interface Connections {
  list(principal: Principal): Promise<Connection[]>
  /** Throws what the probe throws when the place does not let us in. */
  create(principal: Principal, input: NewConnection): Promise<Connection>
  delete(principal: Principal, name: string): Promise<void>
  /** With its secrets, for whoever reads from there. */
  s3Of(projectId: string, bucket: string): Promise<S3Connection | undefined>
  hubOf(projectId: string): Promise<HubConnection | undefined>
}

type Row = typeof connections.$inferSelect
const Secret = z.object({ secret: z.string(), session_token: z.string().optional() })

export function createConnections({ database, secrets, clock, probe }: ConnectionsDependencies): Connections {
  const find = async (projectId: string, kind: Row['kind'], bucket?: string): Promise<Row | undefined> => {
    const [row] = await database.query
      .select()
      .from(connections)
      .where(
        and(
          eq(connections.project_id, projectId),
          eq(connections.kind, kind),
          bucket === undefined ? undefined : eq(connections.bucket, bucket),
        ),
      )
    return row
  }
  const opened = ({ sealed_secret }: Row) =>
    sealed_secret === null ? undefined : Secret.parse(JSON.parse(secrets.open(sealed_secret)))

  return {
    async list({ project_id }) {
      const rows = await database.query
        .select()
        .from(connections)
        .where(eq(connections.project_id, project_id))
        .orderBy(asc(connections.name))
      return rows.map(present)
    },
    async create(principal, input) {
      requireOwner(principal)
      refuseMetadataService(input)
      await refuseTaken(database, principal.project_id, input)
      await probe.check(toOpen(input))
      const row: Row = {
        ...toColumns(input, secrets),
        project_id: principal.project_id,
        created_by: nameOf(principal),
        created_at: new Date(clock.nowMs()).toISOString(),
      }
      const inserted = await database.query.insert(connections).values(row).onConflictDoNothing().returning()
      if (inserted.length === 0) await refuseTaken(database, principal.project_id, input)
      return present(row)
    },
    async delete(principal, name) {
      requireOwner(principal)
      const { project_id } = principal
      const removed = await database.query
        .delete(connections)
        .where(and(eq(connections.project_id, project_id), eq(connections.name, name)))
        .returning({ name: connections.name })
      if (removed.length === 0) throw notFound('connection', name, 'GET /connections lists what there is.')
    },
    async s3Of(projectId, bucket) {
      const row = await find(projectId, 's3', bucket)
      const secret = row && opened(row)
      if (!row || !secret) return undefined
      return {
        bucket,
        region: row.region ?? 'us-east-1',
        pathStyle: row.path_style ?? true,
        accessKeyId: row.access_key_id ?? '',
        secretAccessKey: secret.secret,
        ...(row.endpoint === null ? {} : { endpoint: row.endpoint }),
        ...(secret.session_token === undefined ? {} : { sessionToken: secret.session_token }),
      }
    },
    async hubOf(projectId) {
      const row = await find(projectId, 'huggingface')
      return row?.endpoint ? { endpoint: row.endpoint, token: opened(row)?.secret } : undefined
    },
  }
}

/** Whoever may add a connection may make the server ask any address of its network. */
function requireOwner({ role }: Principal): void {
  if (role !== 'member') return
  throw new BudError('forbidden', 'Only an owner or administrator may change connections. Ask one of them.')
}

/** Addresses at which clouds hand out credentials of the machine itself. */
function refuseMetadataService({ endpoint }: NewConnection): void {
  const host = endpoint === undefined ? '' : new URL(endpoint).hostname
  if (!/^(169\.254\.|\[fe80:|\[fd00:ec2:|metadata\.)/i.test(host)) return
  throw invalidInput(`${host} is an address of the machine’s own metadata, not of a store or hub.`)
}

function toOpen(input: NewConnection): ({ kind: 's3' } & S3Connection) | ({ kind: 'huggingface' } & HubConnection) {
  if (input.kind === 'huggingface') return { kind: input.kind, endpoint: input.endpoint, token: input.token }
  const { kind, bucket, endpoint, region, path_style, access_key_id, secret_access_key, session_token } = input
  return {
    kind,
    bucket,
    region,
    pathStyle: path_style,
    accessKeyId: access_key_id,
    secretAccessKey: secret_access_key,
    ...(endpoint === undefined ? {} : { endpoint }),
    ...(session_token === undefined ? {} : { sessionToken: session_token }),
  }
}

function toColumns(input: NewConnection, secrets: SecretBox): Omit<Row, 'project_id' | 'created_by' | 'created_at'> {
  const seal = (secret: z.infer<typeof Secret>) => secrets.seal(JSON.stringify(secret))
  const { name, kind } = input
  if (input.kind === 'huggingface') {
    const sealed_secret = input.token === undefined ? null : seal({ secret: input.token })
    const none = { bucket: null, region: null, path_style: null, access_key_id: null }
    return { name, kind, endpoint: input.endpoint, sealed_secret, ...none }
  }
  const { bucket, endpoint = null, region, path_style, access_key_id, secret_access_key, session_token } = input
  const sealed_secret = seal({ secret: secret_access_key, session_token })
  return { name, kind, bucket, endpoint, region, path_style, access_key_id, sealed_secret }
}

/** One connection per name, per bucket, and one hub. */
async function refuseTaken({ query }: Database, projectId: string, input: NewConnection): Promise<void> {
  const same = input.kind === 's3' ? eq(connections.bucket, input.bucket) : eq(connections.kind, 'huggingface')
  const [taken] = await query
    .select()
    .from(connections)
    .where(and(eq(connections.project_id, projectId), or(eq(connections.name, input.name), same)))
  if (!taken) return
  const what = taken.kind === 's3' ? `the bucket "${taken.bucket}"` : `the hub ${taken.endpoint}`
  throw conflict(`The connection "${taken.name}" leads to ${what} already. Remove it first, or choose another name.`)
}

const present = ({ sealed_secret, project_id: _, ...row }: Row): Connection => ({
  ...row,
  has_secret: sealed_secret !== null,
})
