/** Builds the dashboard when its sources are not those of the last build; otherwise does nothing, and quickly. */
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'

const root = join(import.meta.dirname, '..')
const app = join(root, 'apps/budadmin')
const digestFile = join(app, 'dist/.digest')

/** What goes into the bundle, by content: a fresh clone gives every file a new time. */
const sources = [
  'apps/budadmin/src',
  'apps/budadmin/public',
  'apps/budadmin/index.html',
  'apps/budadmin/vite.config.ts',
  'apps/budadmin/package.json',
  'packages/contract/src',
  'packages/kernel/src',
  'package-lock.json',
]

const digest = digestOf(sources.flatMap((source) => filesBelow(join(root, source))))
if (!existsSync(digestFile) || readFileSync(digestFile, 'utf8') !== digest) await build()

async function build(): Promise<void> {
  const startMs = performance.now()
  const { build: bundle } = await import('vite')
  await bundle({ configFile: join(app, 'vite.config.ts'), logLevel: 'warn' })
  writeFileSync(digestFile, digest)
  console.log(`Built the dashboard in ${((performance.now() - startMs) / 1000).toFixed(1)} s`)
}

/** The file itself, or all files of the folder but tests. */
function filesBelow(path: string): string[] {
  if (!statSync(path).isDirectory()) return [path]
  const entries = readdirSync(path, { recursive: true, withFileTypes: true })
  return entries
    .filter((entry) => entry.isFile() && !/\.test\.tsx?$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort()
}

function digestOf(files: readonly string[]): string {
  const hash = createHash('sha256')
  for (const file of files) hash.update(relative(root, file)).update('\0').update(readFileSync(file)).update('\0')
  return hash.digest('hex')
}
