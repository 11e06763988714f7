/** What can be set from outside, parsed once: flags first, then environment, then defaults. */
import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { BudError, invalidInput } from '@bud/kernel'
import { z } from 'zod'

const port = z.coerce.number().int().min(0).max(65_535)

const Settings = z.object({
  /** API and dashboard; 0 = any free port. */
  port: port.default(3000),
  /** OpenAI traffic; 0 = any free port. */
  gatewayPort: port.default(4000),
  /** The address both listen on; only this machine unless said otherwise. */
  host: z.string().min(1).default('127.0.0.1'),
  dataDir: z.string().min(1).default('./.bud'),
  /** PostgreSQL instead of the database in the data folder. */
  databaseUrl: z.url({ protocol: /^postgres(ql)?$/ }).optional(),
  /** Where people and gateways reach this server; default: http://localhost:<port>. */
  publicUrl: z.url().optional(),
  /** Where model files are kept: "s3://bucket/prefix"; left out: the data folder. */
  artifacts: z
    .string()
    .regex(/^s3:\/\/[a-z0-9][a-z0-9.-]*(\/.*)?$/, 'is not s3://bucket/prefix')
    .optional(),
  /** The store of `artifacts`, where it is not AWS. */
  s3Endpoint: z.url({ protocol: /^https?$/ }).optional(),
  /** How browsers and `bud` reach that store, where it is by another address. */
  s3PublicEndpoint: z.url({ protocol: /^https?$/ }).optional(),
  s3Region: z.string().min(1).default('us-east-1'),
  /** Bucket in the path of the address; false: in the host name. */
  s3PathStyle: z.stringbool().default(true),
  s3AccessKeyId: z.string().min(1).optional(),
  s3SecretAccessKey: z.string().min(1).optional(),
  s3SessionToken: z.string().min(1).optional(),
  /** unix:/path or tcp:host:port; "none"; left out: Debian's socket, where it is there. */
  clamd: z.string().min(1).optional(),
  /** Folders of this machine that models may be registered from (file://…), separated by ":". None: no such source. */
  modelFolders: z.string().default(''),
  /** The rules for scans and licences; default: model-policy.yaml in the data folder. */
  modelPolicy: z.string().min(1).optional(),
  logLevel: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']).default('info'),
})
export type FoundryConfig = z.infer<typeof Settings>

const sources = {
  port: { flag: 'port', env: 'BUD_PORT' },
  gatewayPort: { flag: 'gateway-port', env: 'BUD_GATEWAY_PORT' },
  host: { flag: 'host', env: 'BUD_HOST' },
  dataDir: { flag: 'data-dir', env: 'BUD_DATA_DIR' },
  databaseUrl: { flag: 'database-url', env: 'BUD_DATABASE_URL' },
  publicUrl: { flag: 'public-url', env: 'BUD_PUBLIC_URL' },
  artifacts: { flag: 'artifacts', env: 'BUD_ARTIFACTS' },
  s3Endpoint: { flag: 's3-endpoint', env: 'BUD_S3_ENDPOINT' },
  s3PublicEndpoint: { flag: 's3-public-endpoint', env: 'BUD_S3_PUBLIC_ENDPOINT' },
  s3Region: { flag: 's3-region', env: 'BUD_S3_REGION' },
  s3PathStyle: { flag: 's3-path-style', env: 'BUD_S3_PATH_STYLE' },
  s3AccessKeyId: { flag: 's3-access-key-id', env: 'BUD_S3_ACCESS_KEY_ID' },
  // Secrets are no flags: every process of the machine sees those.
  s3SecretAccessKey: { flag: undefined, env: 'BUD_S3_SECRET_ACCESS_KEY' },
  s3SessionToken: { flag: undefined, env: 'BUD_S3_SESSION_TOKEN' },
  clamd: { flag: 'clamd', env: 'BUD_CLAMD' },
  modelFolders: { flag: 'model-folders', env: 'BUD_MODEL_FOLDERS' },
  modelPolicy: { flag: 'model-policy', env: 'BUD_MODEL_POLICY' },
  logLevel: { flag: 'log-level', env: 'BUD_LOG_LEVEL' },
} as const satisfies Record<keyof FoundryConfig, { flag: string | undefined; env: string }>

type Setting = keyof typeof sources
const settings = Object.keys(sources) as Setting[]

export const usage = `Usage: npm start -- [options]

${settings.map((name) => usageLine(sources[name])).join('\n')}
  --help`

function usageLine({ flag, env }: (typeof sources)[Setting]): string {
  return flag === undefined ? `  ${''.padEnd(24)} ${env}` : `  --${flag.padEnd(19)} or ${env}`
}

/** Throws `invalid-input` with every problem listed. Returns undefined when help was asked for. */
export function parseConfig(
  argv: readonly string[],
  env: Readonly<Record<string, string | undefined>> = process.env,
): FoundryConfig | undefined {
  const flags = parseFlags(argv)
  if (flags.help) return undefined
  const raw = Object.fromEntries(
    settings.map((name) => {
      const { flag, env: variable } = sources[name]
      return [name, (flag === undefined ? undefined : flags[flag]) ?? (env[variable] || undefined)]
    }),
  )
  const parsed = Settings.safeParse(raw)
  if (!parsed.success) throw configError(parsed.error)
  if (parsed.data.artifacts && !(parsed.data.s3AccessKeyId && parsed.data.s3SecretAccessKey)) {
    throw invalidInput(
      `BUD_ARTIFACTS names a bucket: set BUD_S3_ACCESS_KEY_ID and BUD_S3_SECRET_ACCESS_KEY for it too.`,
    )
  }
  return { ...parsed.data, dataDir: resolve(parsed.data.dataDir) }
}

function parseFlags(argv: readonly string[]) {
  const options = {
    ...Object.fromEntries(
      settings.flatMap((name) => (sources[name].flag ? [[sources[name].flag, { type: 'string' as const }]] : [])),
    ),
    help: { type: 'boolean' as const },
  }
  try {
    return parseArgs({ args: [...argv], options }).values as Record<string, string | boolean | undefined>
  } catch (cause) {
    throw new BudError('invalid-input', `${cause instanceof Error ? cause.message : String(cause)}\n\n${usage}`, {
      cause,
    })
  }
}

function configError(error: z.ZodError): BudError {
  const reasons = error.issues.map((issue) => {
    const { flag, env } = sources[issue.path[0] as Setting]
    return {
      code: 'invalid-setting',
      message: `${flag ? `--${flag} (${env})` : env}: ${issue.message}`,
      path: flag ?? env,
    }
  })
  return invalidInput(`These settings are not valid:\n${reasons.map((r) => `  ${r.message}`).join('\n')}`, reasons)
}
