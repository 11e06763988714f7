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
  logLevel: { flag: 'log-level', env: 'BUD_LOG_LEVEL' },
} as const satisfies Record<keyof FoundryConfig, { flag: string; env: string }>

type Setting = keyof typeof sources
const settings = Object.keys(sources) as Setting[]

export const usage = `Usage: npm start -- [options]

${settings.map((name) => `  --${sources[name].flag.padEnd(14)} or ${sources[name].env}`).join('\n')}
  --help`

/** Throws `invalid-input` with every problem listed. Returns undefined when help was asked for. */
export function parseConfig(
  argv: readonly string[],
  env: Readonly<Record<string, string | undefined>> = process.env,
): FoundryConfig | undefined {
  const flags = parseFlags(argv)
  if (flags.help) return undefined
  const raw = Object.fromEntries(
    settings.map((name) => [name, flags[sources[name].flag] ?? (env[sources[name].env] || undefined)]),
  )
  const parsed = Settings.safeParse(raw)
  if (!parsed.success) throw configError(parsed.error)
  return { ...parsed.data, dataDir: resolve(parsed.data.dataDir) }
}

function parseFlags(argv: readonly string[]) {
  const options = {
    ...Object.fromEntries(settings.map((name) => [sources[name].flag, { type: 'string' as const }])),
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
    return { code: 'invalid-setting', message: `--${flag} (${env}): ${issue.message}`, path: flag }
  })
  return invalidInput(`These settings are not valid:\n${reasons.map((r) => `  ${r.message}`).join('\n')}`, reasons)
}
