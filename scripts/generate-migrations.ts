/**
 * `npm run migrations -- <package> [name]`: compares the package's tables (src/services/tables.ts, or
 * src/adapters/schema.ts where only adapters use them) with src/adapters/migrations and writes the SQL that is
 * missing. Commit what it writes; never edit a migration that was released.
 */
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'

const [name, title] = process.argv.slice(2)
const source = `packages/${name}/src`
const tables = [`${source}/services/tables.ts`, `${source}/adapters/schema.ts`].find((file) => existsSync(file))
if (!name || !tables) {
  console.error('Usage: npm run migrations -- <package> [name]; the package needs src/services/tables.ts.')
  process.exit(2)
}
const { status } = spawnSync(
  'node_modules/.bin/drizzle-kit',
  [
    'generate',
    '--dialect=postgresql',
    `--schema=${tables}`,
    `--out=${source}/adapters/migrations`,
    ...(title ? [`--name=${title}`] : []),
  ],
  { stdio: 'inherit' },
)
process.exit(status ?? 1)
