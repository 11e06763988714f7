/** The owner's rules for scans and licences: one schema for model-policy.yaml. */
import { z } from 'zod'

/** What the scan found and nothing may let through: without it, nothing is known. */
export const FIXED_RULES: readonly string[] = [
  'scanner-failed',
  'changed-in-store',
  'clamd-missing',
  'too-many-findings',
]

/** A waiver is looked at again after a year at the latest. */
export const MAX_WAIVER_DAYS = 366

const RuleId = z
  .string()
  .regex(/^[a-z0-9]+(?:-[a-z0-9]+)*$/, 'a rule is lower-case words joined by hyphens, as scan reports name it')
const LicenceAction = z.enum(['allow', 'warn', 'block'])
export type LicenceAction = z.infer<typeof LicenceAction>

const LicenceActions = (defaults: Record<'permissive' | 'conditional' | 'non-commercial' | 'unknown', LicenceAction>) =>
  z
    .strictObject({
      permissive: LicenceAction.default(defaults.permissive),
      conditional: LicenceAction.default(defaults.conditional),
      'non-commercial': LicenceAction.default(defaults['non-commercial']),
      unknown: LicenceAction.default(defaults.unknown),
    })
    .prefault({})

export const Waiver = z.strictObject({
  name: z.string().regex(/^[a-z0-9][a-z0-9-]{0,63}$/, 'use lower-case letters, digits and hyphens'),
  rule: RuleId.refine((rule) => !FIXED_RULES.includes(rule), 'nothing can waive this rule'),
  model: z.string().min(1).max(100).describe('A model’s name, or "*".'),
  path: z.string().min(1).max(1024).optional().describe('One file; left out: any.'),
  sha256: z
    .string()
    .regex(/^[0-9a-f]{64}$/, 'a sha256 is 64 lower-case hexadecimal digits')
    .optional()
    .describe('Pins the waiver to one file’s content.'),
  reason: z.string().min(3).max(500),
  expires: z.iso.date('write the date as YYYY-MM-DD').describe('The last day it counts, in UTC.'),
})
export type Waiver = z.infer<typeof Waiver>

export const ModelPolicy = z.strictObject({
  safetensors_only: z.boolean().default(false),
  remote_code: z.enum(['block', 'warn', 'allow']).default('warn'),
  clamd: z.enum(['required', 'optional']).default('optional'),
  rules: z.record(RuleId, z.enum(['block', 'warn'])).default({}),
  waivers: z.array(Waiver).max(1000).default([]),
  licences: z
    .strictObject({
      production: LicenceActions({
        permissive: 'allow',
        conditional: 'warn',
        'non-commercial': 'block',
        unknown: 'warn',
      }),
      staging: LicenceActions({
        permissive: 'allow',
        conditional: 'allow',
        'non-commercial': 'warn',
        unknown: 'allow',
      }),
      ids: z.record(z.string().min(1).max(300), LicenceAction).default({}),
    })
    .prefault({}),
})
export type ModelPolicy = z.infer<typeof ModelPolicy>
