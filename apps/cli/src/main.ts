/** `bud`: every step of the workflow from the terminal. Everything else is loaded once the compile cache is on. */
import { enableCompileCache } from 'node:module'
import { fileURLToPath } from 'node:url'

enableCompileCache(fileURLToPath(new URL('../../../node_modules/.cache/compiled', import.meta.url)))

// Whoever reads us may stop reading, as "head" does; what is left then is not worth an error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error
  process.exit()
})

const { runProgram } = await import('./program.ts')
await runProgram(process.argv.slice(2))
