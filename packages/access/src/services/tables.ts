/**
 * People, projects and tokens. The keys are better-auth's field names, because its adapter addresses columns by them;
 * a project is its organization, a token its API key.
 */
import { boolean, index, integer, pgSchema, sql, text, timestamp, uniqueIndex } from '@bud/platform/drizzle'

/** @public drizzle-kit reads what this file exports. */
export const accessSchema = pgSchema('access')

const instant = (name: string) => timestamp(name, { withTimezone: true, mode: 'date' })
const id = () => text('id').primaryKey()
const createdAt = () => instant('created_at').notNull().defaultNow()
const updatedAt = () => instant('updated_at').notNull().defaultNow()

export const user = accessSchema.table('users', {
  id: id(),
  name: text('name').notNull(),
  email: text('email').notNull().unique(),
  /** False until the first sign-in. */
  emailVerified: boolean('email_verified').notNull().default(false),
  image: text('image'),
  createdAt: createdAt(),
  updatedAt: updatedAt(),
})

const userId = (name = 'user_id') =>
  text(name)
    .notNull()
    .references(() => user.id, { onDelete: 'cascade' })

export const organization = accessSchema.table('projects', {
  id: id(),
  name: text('name').notNull(),
  slug: text('slug').notNull().unique(),
  logo: text('logo'),
  metadata: text('metadata'),
  createdAt: createdAt(),
})

const organizationId = () =>
  text('project_id')
    .notNull()
    .references(() => organization.id, { onDelete: 'cascade' })

export const member = accessSchema.table(
  'members',
  {
    id: id(),
    organizationId: organizationId(),
    userId: userId(),
    role: text('role').notNull(),
    createdAt: createdAt(),
  },
  (table) => [
    uniqueIndex('members_by_user').on(table.userId, table.organizationId),
    index('members_by_project').on(table.organizationId),
  ],
)

/** @public See above. */
export const invitation = accessSchema.table(
  'invitations',
  {
    id: id(),
    organizationId: organizationId(),
    email: text('email').notNull(),
    role: text('role'),
    status: text('status').notNull().default('pending'),
    inviterId: userId('inviter_id'),
    expiresAt: instant('expires_at').notNull(),
    createdAt: createdAt(),
  },
  (table) => [index('invitations_by_project').on(table.organizationId), index('invitations_by_email').on(table.email)],
)

export const session = accessSchema.table(
  'sessions',
  {
    id: id(),
    userId: userId(),
    token: text('token').notNull().unique(),
    activeOrganizationId: text('active_project_id').references(() => organization.id, { onDelete: 'set null' }),
    ipAddress: text('ip_address'),
    userAgent: text('user_agent'),
    expiresAt: instant('expires_at').notNull(),
    createdAt: createdAt(),
    updatedAt: updatedAt(),
  },
  (table) => [index('sessions_by_user').on(table.userId)],
)

/** @public See above. */
export const account = accessSchema.table(
  'accounts',
  {
    id: id(),
    userId: userId(),
    accountId: text('account_id').notNull(),
    providerId: text('provider_id').notNull(),
    accessToken: text('access_token'),
    refreshToken: text('refresh_token'),
    idToken: text('id_token'),
    accessTokenExpiresAt: instant('access_token_expires_at'),
    refreshTokenExpiresAt: instant('refresh_token_expires_at'),
    scope: text('scope'),
    password: text('password'),
    createdAt: createdAt(),
    updatedAt: updatedAt(),
  },
  (table) => [index('accounts_by_user').on(table.userId)],
)

export const verification = accessSchema.table(
  'verifications',
  {
    id: id(),
    identifier: text('identifier').notNull(),
    value: text('value').notNull(),
    expiresAt: instant('expires_at').notNull(),
    createdAt: createdAt(),
    updatedAt: updatedAt(),
  },
  (table) => [index('verifications_by_identifier').on(table.identifier)],
)

export const apikey = accessSchema.table(
  'tokens',
  {
    id: id(),
    configId: text('config_id').notNull(),
    name: text('name'),
    referenceId: userId(),
    /** Stored by better-auth inside `metadata`; a column of its own so that it can be required and indexed. */
    projectId: text('project_id')
      .notNull()
      .generatedAlwaysAs(sql`metadata::jsonb ->> 'project_id'`)
      .references(() => organization.id, { onDelete: 'cascade' }),
    start: text('start'),
    prefix: text('prefix'),
    /** The sha256 of the token, never the token. */
    key: text('key').notNull().unique(),
    enabled: boolean('enabled').default(true),
    refillInterval: integer('refill_interval'),
    refillAmount: integer('refill_amount'),
    lastRefillAt: instant('last_refill_at'),
    rateLimitEnabled: boolean('rate_limit_enabled'),
    rateLimitTimeWindow: integer('rate_limit_time_window'),
    rateLimitMax: integer('rate_limit_max'),
    requestCount: integer('request_count'),
    remaining: integer('remaining'),
    lastRequest: instant('last_request'),
    permissions: text('permissions'),
    metadata: text('metadata').notNull(),
    expiresAt: instant('expires_at'),
    createdAt: createdAt(),
    updatedAt: updatedAt(),
  },
  (table) => [index('tokens_by_user').on(table.referenceId, table.projectId)],
)

/** Facts of this installation; values are sealed. */
export const setting = accessSchema.table('settings', {
  name: text('name').primaryKey(),
  sealedValue: text('sealed_value').notNull(),
})

/** By the names better-auth asks for them. */
export const authTables = { user, session, account, verification, organization, member, invitation, apikey }
