/** `npm start`. Everything else is loaded once the compile cache is on. */
import { enableCompileCache } from 'node:module'
import { compileCacheDir } from './compile-cache.ts'

enableCompileCache(compileCacheDir)

const { run } = await import('./run.ts')
await run(process.argv.slice(2)).catch((error) => {
  console.error(error instanceof Error ? error.message : error)
  process.exit(1)
})
