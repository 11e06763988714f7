/** What can be set from outside, parsed once: flags first, then environment, then defaults. */
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { defaultSettings, type GatewaySettings } from '@bud/budgateway'
import { BudError, invalidInput, messageOf } from '@bud/kernel'
import { z } from 'zod'

const whole = (min: number, max: number) => z.coerce.number().int().min(min).max(max)
const seconds = (defaultMs: number) =>
  z.coerce
    .number()
    .positive()
    .max(86_400)
    .default(defaultMs / 1000)
const levels = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const

const Settings = z.object({
  port: whole(0, 65_535).default(defaultSettings.port),
  host: z.string().min(1).default(defaultSettings.host),
  controlUrl: z.url({ protocol: /^https?$/, error: 'say where the control plane is, e.g. http://127.0.0.1:3000' }),
  tokenFile: z.string().min(1).optional(),
  token: z.string().min(1).optional(),
  stateDir: z.string().min(1).default('./.bud/gateway'),
  corsOrigins: z.string().default(''),
  bodyLimitMib: whole(1, 1024).default(defaultSettings.bodyLimitBytes / 2 ** 20),
  maxInFlight: whole(1, 1_000_000).default(defaultSettings.maxInFlight),
  connectTimeoutS: seconds(defaultSettings.connectTimeoutMs),
  responseTimeoutS: seconds(defaultSettings.responseTimeoutMs),
  idleTimeoutS: seconds(defaultSettings.idleTimeoutMs),
  clientStallTimeoutS: seconds(defaultSettings.clientStallTimeoutMs),
  stopTimeoutS: seconds(defaultSettings.stopTimeoutMs),
  spoolMaxMib: whole(1, 1_048_576).default(defaultSettings.spoolMaxBytes / 2 ** 20),
  logLevel: z.enum(levels).default('info'),
})
type Setting = keyof z.infer<typeof Settings>

/** `flag` is left out where a command line would show a secret. */
const sources: Record<Setting, { flag?: string; env: string; help: string }> = {
  port: { flag: 'port', env: 'BUD_GATEWAY_PORT', help: 'where OpenAI traffic arrives; 0 = any free port' },
  host: { flag: 'host', env: 'BUD_GATEWAY_HOST', help: 'address to listen on' },
  controlUrl: { flag: 'control-url', env: 'BUD_CONTROL_URL', help: 'the control plane' },
  tokenFile: { flag: 'token-file', env: 'BUD_GATEWAY_TOKEN_FILE', help: 'file with the gateway token' },
  token: { env: 'BUD_GATEWAY_TOKEN', help: 'the gateway token itself' },
  stateDir: { flag: 'state-dir', env: 'BUD_GATEWAY_STATE_DIR', help: 'snapshot and usage spool' },
  corsOrigins: { flag: 'cors-origins', env: 'BUD_GATEWAY_CORS_ORIGINS', help: 'browser origins allowed, by comma' },
  bodyLimitMib: { flag: 'body-limit-mib', env: 'BUD_GATEWAY_BODY_LIMIT_MIB', help: 'largest request body' },
  maxInFlight: { flag: 'max-in-flight', env: 'BUD_GATEWAY_MAX_IN_FLIGHT', help: 'requests at once, then 429' },
  connectTimeoutS: { flag: 'connect-timeout-s', env: 'BUD_GATEWAY_CONNECT_TIMEOUT_S', help: 'to reach a replica' },
  responseTimeoutS: {
    flag: 'response-timeout-s',
    env: 'BUD_GATEWAY_RESPONSE_TIMEOUT_S',
    help: 'until an answer begins',
  },
  idleTimeoutS: { flag: 'idle-timeout-s', env: 'BUD_GATEWAY_IDLE_TIMEOUT_S', help: 'between two pieces of an answer' },
  clientStallTimeoutS: {
    flag: 'client-stall-timeout-s',
    env: 'BUD_GATEWAY_CLIENT_STALL_TIMEOUT_S',
    help: 'for a client that stops reading',
  },
  stopTimeoutS: { flag: 'stop-timeout-s', env: 'BUD_GATEWAY_STOP_TIMEOUT_S', help: 'for requests in flight at a stop' },
  spoolMaxMib: {
    flag: 'spool-max-mib',
    env: 'BUD_GATEWAY_SPOOL_MAX_MIB',
    help: 'usage kept while it cannot be delivered',
  },
  logLevel: { flag: 'log-level', env: 'BUD_LOG_LEVEL', help: levels.join('|') },
}
const names = Object.keys(sources) as Setting[]

export const usage = `Usage: node apps/gateway/src/main.ts --control-url URL [options]

${names.map(usageLine).join('\n')}
  --help`

export interface GatewayConfig {
  settings: GatewaySettings
  logLevel: (typeof levels)[number]
}

/** Throws `invalid-input` with every problem listed. Returns undefined when help was asked for. */
export function parseConfig(
  argv: readonly string[],
  env: Readonly<Record<string, string | undefined>> = process.env,
): GatewayConfig | undefined {
  const flags = parseFlags(argv)
  if (flags.help) return undefined
  const raw = Object.fromEntries(names.map((name) => [name, flags[sources[name].flag ?? ''] ?? env[sources[name].env]]))
  const parsed = Settings.safeParse(raw)
  const problems = parsed.success ? [] : parsed.error.issues.map(toReason)
  const token = raw.token === undefined && raw.tokenFile === undefined ? undefined : readToken(raw, problems)
  if (raw.token === undefined && raw.tokenFile === undefined)
    problems.push(reason('tokenFile', 'the gateway token is needed, to be known to the control plane'))
  if (!parsed.success || problems.length > 0) {
    const lines = problems.map(({ message }) => `  ${message}`).join('\n')
    throw invalidInput(`These settings are not valid:\n${lines}`, problems)
  }
  return { settings: toSettings(parsed.data, token ?? ''), logLevel: parsed.data.logLevel }
}

function toSettings(parsed: z.infer<typeof Settings>, gatewayToken: string): GatewaySettings {
  return {
    host: parsed.host,
    port: parsed.port,
    controlUrl: parsed.controlUrl,
    gatewayToken,
    stateDir: resolve(parsed.stateDir),
    corsOrigins: parsed.corsOrigins.split(',').flatMap((origin) => origin.trim().replace(/\/$/, '') || []),
    bodyLimitBytes: parsed.bodyLimitMib * 2 ** 20,
    maxInFlight: parsed.maxInFlight,
    connectTimeoutMs: parsed.connectTimeoutS * 1000,
    responseTimeoutMs: parsed.responseTimeoutS * 1000,
    idleTimeoutMs: parsed.idleTimeoutS * 1000,
    clientStallTimeoutMs: parsed.clientStallTimeoutS * 1000,
    stopTimeoutMs: parsed.stopTimeoutS * 1000,
    spoolMaxBytes: parsed.spoolMaxMib * 2 ** 20,
  }
}

interface Problem {
  code: string
  message: string
  path: string
}

const reason = (name: Setting, message: string): Problem => {
  const { flag, env } = sources[name]
  return { code: 'invalid-setting', message: `${flag ? `--${flag} (${env})` : env}: ${message}`, path: flag ?? env }
}
const toReason = (issue: z.core.$ZodIssue): Problem => reason(issue.path[0] as Setting, issue.message)

function readToken(raw: Record<string, unknown>, problems: Problem[]): string | undefined {
  if (typeof raw.token === 'string') return raw.token
  try {
    const token = readFileSync(String(raw.tokenFile), 'utf8').trim()
    if (token === '') problems.push(reason('tokenFile', `${raw.tokenFile} is empty`))
    return token
  } catch (error) {
    problems.push(reason('tokenFile', messageOf(error)))
    return undefined
  }
}

function parseFlags(argv: readonly string[]) {
  const flags = names.flatMap((name) => sources[name].flag ?? [])
  const options = {
    ...Object.fromEntries(flags.map((flag) => [flag, { type: 'string' as const }])),
    help: { type: 'boolean' as const },
  }
  try {
    return parseArgs({ args: [...argv], options }).values as Record<string, string | boolean | undefined>
  } catch (cause) {
    throw new BudError('invalid-input', `${messageOf(cause)}\n\n${usage}`, { cause })
  }
}

function usageLine(name: Setting): string {
  const { flag, env, help } = sources[name]
  return `  ${(flag ? `--${flag}` : '').padEnd(24)} ${env.padEnd(36)} ${help}`
}
