/** What the API answers with about the places models come from, the rules they are judged by, and uploads. */
import { Timestamp } from '@bud/kernel'
import { z } from 'zod'

export const Connection = z.object({
  name: z.string(),
  kind: z.enum(['s3', 'huggingface']),
  bucket: z.string().nullable(),
  endpoint: z.string().nullable().describe('null: the provider’s own.'),
  region: z.string().nullable(),
  path_style: z.boolean().nullable(),
  access_key_id: z.string().nullable(),
  has_secret: z.boolean(),
  created_by: z.string(),
  created_at: Timestamp,
})
export type Connection = z.infer<typeof Connection>
/** Without a user and password: those have fields of their own, which are never shown. */
const Endpoint = z
  .url({ protocol: /^https?$/ })
  .refine((url) => !/^[a-z]+:\/\/[^/]*@/i.test(url), 'leave user and password out of the address')
const ConnectionName = z.string().regex(/^[a-z0-9][a-z0-9-]{0,39}$/, 'use 1–40 lower-case letters, digits and hyphens')
export const CreateConnection = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('s3'),
    name: ConnectionName,
    bucket: z.string().regex(/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/, 'not a bucket name'),
    endpoint: Endpoint.optional().describe('For MinIO and others; left out: AWS.'),
    region: z.string().min(1).max(40).default('us-east-1'),
    path_style: z.boolean().default(true).describe('Bucket in the path; false: in the host name.'),
    access_key_id: z.string().min(1).max(200),
    secret_access_key: z.string().min(1).max(500),
    session_token: z.string().max(5000).optional(),
  }),
  z.strictObject({
    kind: z.literal('huggingface'),
    name: ConnectionName,
    endpoint: Endpoint.default('https://huggingface.co').describe(
      'A mirror’s address, for places without the internet.',
    ),
    token: z.string().min(1).max(500).optional(),
  }),
])
export type CreateConnection = z.infer<typeof CreateConnection>

export const ModelPolicy = z.object({
  text: z.string().describe('The file as it is, YAML.'),
  described: z.string().describe('Where it lies.'),
  digest: z.string(),
  waivers: z.array(
    z.object({
      name: z.string(),
      rule: z.string(),
      model: z.string(),
      path: z.string().nullable(),
      sha256: z.string().nullable(),
      reason: z.string(),
      expires: z.string(),
      expired: z.boolean(),
    }),
  ),
})
export type ModelPolicy = z.infer<typeof ModelPolicy>
export const CreateWaiver = z.strictObject({
  name: z.string().regex(/^[a-z0-9][a-z0-9-]{0,63}$/, 'use lower-case letters, digits and hyphens'),
  rule: z.string().min(1).max(80),
  model: z.string().min(1).max(100).describe('A model’s name, or "*".'),
  path: z.string().max(1024).optional(),
  sha256: z
    .string()
    .regex(/^[0-9a-f]{64}$/)
    .optional()
    .describe('Pins the waiver to one file’s content.'),
  reason: z.string().min(3).max(500),
  expires: z.iso.date().describe('The last day it counts; a year ahead at most.'),
})

export const UploadPart = z.object({
  number: z.number().int(),
  offset: z.number().int(),
  bytes: z.number().int(),
  url: z.string().describe('PUT the part’s bytes here; relative ones are this server’s and take the caller’s token.'),
})
export const UploadFile = z.object({
  path: z.string(),
  bytes: z.number().int(),
  complete: z.boolean(),
  bytes_arrived: z.number().int(),
  part_bytes: z.number().int(),
  missing: z.array(UploadPart).describe('Up to 64 parts that have not arrived; ask again for the next.'),
})
export type UploadFile = z.infer<typeof UploadFile>
export const BeginUploadFile = z.strictObject({
  id: z.string(),
  path: z.string().min(1).max(2000),
  bytes: z
    .number()
    .int()
    .nonnegative()
    .max(5 * 1024 ** 4)
    .describe('At most 5 TiB.'),
  sha256: z
    .string()
    .regex(/^[0-9a-f]{64}$/)
    .optional()
    .describe('Held against the bytes that arrive.'),
})
export const Upload = z.object({
  id: z.string(),
  source_path: z.string(),
  created_at: Timestamp,
  files: z.array(z.object({ path: z.string(), bytes: z.number().int(), complete: z.boolean() })),
})

export const ArtifactSweep = z.object({
  orphans: z.array(
    z.object({ prefix: z.string(), files: z.number().int(), bytes: z.number().int(), removed: z.boolean() }),
  ),
})
