/** Every verb of `bud` is declared through here: so each has --json, the connection flags, exit codes and help alike. */
import type { FoundryClient } from '@bud/contract'
import { invalidInput } from '@bud/kernel'
import { type Command, Option } from 'commander'
import { bud, type Connection, findConnection } from './config.ts'
import { explainError, printError, printJsonError } from './errors.ts'

/** What every verb has, with a server or without. */
export interface Terminal {
  /** Progress and side remarks; silent with --json. */
  say(text: string): void
  json: boolean
}

export interface Cli extends Terminal {
  client: FoundryClient
  connection: Connection
}

/** What a verb hands back: `data` for --json, `text` for people. */
export interface Answer {
  data: unknown
  text: string
  exitCode?: number
}

export type Values = Record<string, unknown>

export interface VerbSpec {
  /** As commander writes it: "scale <endpoint> <replicas>". */
  use: string
  summary: string
  /** Under which the group's help lists it. */
  heading?: string
  options?: Array<[flags: string, description: string, fallback?: string]>
  /** Command lines without the "bud" in front. */
  examples?: string[]
  /** Answers on this machine where the options ask for no server; undefined: `run` asks one. */
  offline?(terminal: Terminal, args: string[], options: Values): Promise<Answer> | undefined
  run?(cli: Cli, args: string[], options: Values): Promise<Answer>
}

const connectionOptions = [
  ['--url <url>', 'the Foundry’s address; also BUD_URL'],
  ['--token <token>', 'API token; also BUD_TOKEN'],
  ['--data-dir <dir>', 'data folder of a Foundry on this machine; also BUD_DATA_DIR'],
] as const

export function group(program: Command, name: string, summary: string, verbs: VerbSpec[]): Command {
  const parent = program.command(name).description(summary)
  for (const spec of verbs) verb(parent, spec)
  return parent
}

export function verb(parent: Command, spec: VerbSpec): void {
  const command = parent.command(spec.use).description(spec.summary)
  if (spec.heading) command.helpGroup(spec.heading)
  for (const [flags, description, fallback] of spec.options ?? []) command.option(flags, description, fallback)
  command.option('--json', 'print JSON')
  for (const [flags, description] of connectionOptions)
    command.addOption(new Option(flags, description).helpGroup('Connection:'))
  if (spec.examples)
    command.addHelpText('after', `\nExamples:\n${spec.examples.map((line) => `  ${bud(line)}`).join('\n')}`)
  command.action(async (...received: unknown[]) => {
    const options = command.opts<Values>()
    const args = received
      .slice(0, -2)
      .flat()
      .filter((value) => typeof value === 'string')
    process.exitCode = await execute(spec, args, options)
  })
}

async function execute(spec: VerbSpec, args: string[], options: Values): Promise<number> {
  const json = options.json === true
  let connection: Connection | undefined
  const say = (line: string) => {
    if (!json) console.error(line)
  }
  const online = async (): Promise<Answer> => {
    connection = findConnection({
      url: text(options, 'url'),
      token: text(options, 'token'),
      dataDir: text(options, 'dataDir'),
    })
    if (!spec.run) throw invalidInput(`"${bud(spec.use)}" needs more options; see its --help.`)
    const { createFoundryClient } = await import('@bud/contract')
    const client = createFoundryClient({ url: connection.url, token: connection.token })
    return spec.run({ client, connection, say, json }, args, options)
  }
  try {
    const answer = await (spec.offline?.({ say, json }, args, options) ?? online())
    if (json) console.log(JSON.stringify(answer.data, null, 2))
    else if (answer.text !== '') console.log(answer.text)
    return answer.exitCode ?? 0
  } catch (error) {
    const explained = explainError(error, connection)
    if (json) printJsonError(explained)
    else printError(explained)
    return explained.exitCode
  }
}

export function text(options: Values, name: string): string | undefined {
  const value = options[name]
  return typeof value === 'string' ? value : undefined
}
