/** Reads the settings, starts everything, says where it is, and stops cleanly. */
import { messageOf } from '@bud/kernel'
import { parseConfig, usage } from './config.ts'
import { startFoundry } from './start.ts'

const STOP_TIMEOUT_MS = 25_000

export async function run(argv: readonly string[]): Promise<void> {
  const config = parseConfig(argv)
  if (!config) {
    console.log(usage)
    return
  }
  console.log(`Starting Bud AI Foundry on ${config.dataDir} …`)
  const foundry = await startFoundry(config)
  console.log(foundry.greeting)
  let stopping = false
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      if (stopping) return
      stopping = true
      setTimeout(() => {
        console.error('Stopping took too long; ending now. Unfinished work goes on at the next start.')
        process.exit(1)
      }, STOP_TIMEOUT_MS).unref()
      console.log('\nStopping …')
      foundry.close().then(
        () => {
          console.log('Stopped.')
          process.exit(0)
        },
        (error) => {
          console.error(messageOf(error))
          process.exit(1)
        },
      )
    })
  }
}
