/**
 * `npm run migrations -- <package> [name]`: compares packages/<package>/src/adapters/schema.ts with the migrations
 * beside it and writes the SQL that is missing. Commit what it writes; never edit a migration that was released.
 */
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'

const [name, title] = process.argv.slice(2)
const adapters = `packages/${name}/src/adapters`
if (!name || !existsSync(`${adapters}/schema.ts`)) {
  console.error(`Usage: npm run migrations -- <package> [name]; the package needs src/adapters/schema.ts.`)
  process.exit(2)
}
const { status } = spawnSync(
  'node_modules/.bin/drizzle-kit',
  [
    'generate',
    '--dialect=postgresql',
    `--schema=${adapters}/schema.ts`,
    `--out=${adapters}/migrations`,
    ...(title ? [`--name=${title}`] : []),
  ],
  { stdio: 'inherit' },
)
process.exit(status ?? 1)
