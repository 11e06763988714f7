/** All verbs of `bud`, and what its help says of the whole. */
import { readFileSync } from 'node:fs'
import { Command, CommanderError } from 'commander'
import { z } from 'zod'
import { addAccessCommands } from './commands/access.ts'
import { addAlertCommands } from './commands/alerts.ts'
import { addChatCommand } from './commands/chat.ts'
import { addClusterCommands } from './commands/cluster.ts'
import { addCompletionCommand } from './commands/completion.ts'
import { addConnectionCommands } from './commands/connection.ts'
import { addDemoCommand } from './commands/demo.ts'
import { addDeployCommand } from './commands/deploy.ts'
import { addDoctorCommand } from './commands/doctor.ts'
import { addEndpointCommands } from './commands/endpoint.ts'
import { addModelCommands } from './commands/model.ts'
import { addModelPolicyCommands } from './commands/model-policy.ts'
import { addOperationCommands } from './commands/operation.ts'
import { addRefinementCommands } from './commands/refinement.ts'
import { addSimCommands } from './commands/sim.ts'
import { bud } from './config.ts'
import { exitCodes, printJsonError } from './errors.ts'

const { version } = z
  .object({ version: z.string() })
  .parse(JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')))

export function createProgram({ silent = false } = {}): Command {
  const program = new Command('bud')
    .description('From a large language model to a monitored endpoint.')
    .version(version)
    .showHelpAfterError(`(see: ${bud('--help')})`)
    .showSuggestionAfterError()
    .exitOverride()
    .configureOutput(silent ? { writeErr: () => {} } : {})
    .configureHelp({ showGlobalOptions: true })
    .addHelpText(
      'after',
      `
Every verb takes --json. Where the Foundry is: --url, BUD_URL or BUD_PORT; else the profile of "${bud('login')}"; else this machine.
Exit codes: 0 done, 1 failed, 2 wrong usage or input, 3 not reachable or not signed in, 4 not found, 5 conflict.

A first walk:
  ${bud('demo')}   the whole of it, explained as it goes
  ${bud('model list --search llama')}
  ${bud('sim optimize --model meta-llama/Llama-3.1-8B-Instruct --cluster demo --ttft-ms 500 --concurrency 32 --approve')}
  ${bud('deploy --approval <id> --name chat')}
  ${bud('chat chat "Why is the sky blue?"')}`,
    )
  addModelCommands(program)
  addConnectionCommands(program)
  addModelPolicyCommands(program)
  addSimCommands(program)
  addDeployCommand(program)
  addEndpointCommands(program)
  addOperationCommands(program)
  addChatCommand(program)
  addAlertCommands(program)
  addRefinementCommands(program)
  addClusterCommands(program)
  addAccessCommands(program)
  addDoctorCommand(program)
  addDemoCommand(program)
  addCompletionCommand(program)
  return program
}

/** Runs one command line; the exit code is left in `process.exitCode`. */
export async function runProgram(args: readonly string[]): Promise<void> {
  const json = args.includes('--json')
  try {
    await createProgram({ silent: json }).parseAsync(args, { from: 'user' })
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error
    // For people it has said what is wrong; its code for help and version is 0.
    process.exitCode = error.exitCode === 0 ? exitCodes.ok : exitCodes.usage
    if (json && error.exitCode !== 0)
      printJsonError({ code: 'invalid-input', message: error.message.replace(/^error: /, ''), reasons: [] })
  }
}
