/** The process: one simulated cluster, or one engine to try. Ends with its parent's IPC channel. */
import { loadReferenceData } from '@bud/budsim/adapters/reference-data'
import { BudError, messageOf } from '@bud/kernel'
import { type Enginesim, startEnginesim } from './compose.ts'
import { type Config, HELP, readConfig } from './config.ts'
import { startTrial } from './trial.ts'

const USAGE_EXIT = 2

async function main(): Promise<void> {
  const config = readConfig(process.argv.slice(2))
  if (config.mode === 'help') {
    process.stdout.write(HELP)
    return
  }
  const enginesim = await start(config)
  for (const file of enginesim.setAside)
    process.stderr.write(`Release file ${file} cannot be read and was set aside.\n`)
  const stop = () => {
    void enginesim.close().then(() => process.exit(0))
  }
  process.on('SIGTERM', stop)
  process.on('SIGINT', stop)
  if (process.send !== undefined) {
    process.on('disconnect', stop)
    process.send({ type: 'ready', port: enginesim.port })
  }
}

async function start(config: Exclude<Config, { mode: 'help' }>): Promise<Enginesim> {
  const reference = loadReferenceData()
  const { gpus, kernels } = reference
  // Reading kernel times takes tens of milliseconds: not while a request waits.
  setImmediate(() => gpus.slice(0, 1).forEach(kernels.forGpu))
  if (config.mode === 'cluster') {
    const { nodes, stateDir, token, port, startupTimeFactor } = config
    return startEnginesim({ nodes, gpus, kernels, stateDir, token, port, startupTimeFactor })
  }
  const { enginesim, replica } = await startTrial(config.trial, reference)
  process.stdout.write(
    `${JSON.stringify({ phase: replica.phase, message: replica.message, base_url: replica.base_url, metrics_url: replica.metrics_url })}\n`,
  )
  return enginesim
}

main().catch((error: unknown) => {
  const isOurs = error instanceof BudError
  process.stderr.write(
    `enginesim: ${isOurs ? error.message : error instanceof Error ? (error.stack ?? messageOf(error)) : String(error)}\n`,
  )
  process.exit(isOurs && error.code === 'invalid-input' ? USAGE_EXIT : 1)
})
