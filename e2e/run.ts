/**
 * `npm run e2e -- <suite> [--require]`: suites on real parts. A suite whose parts are missing says so in one line and
 * is skipped; with --require that is a failure.
 */
import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'

const root = resolve(import.meta.dirname, '..')
const suites = readdirSync(import.meta.dirname).filter((name) =>
  existsSync(join(import.meta.dirname, name, 'parts.ts')),
)

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { require: { type: 'boolean', default: false } },
})
const suite = positionals[0] ?? ''
if (!suites.includes(suite)) {
  console.error(`Say which suite: npm run e2e -- ${suites.join('|')} [--require]`)
  process.exit(2)
}

const { missingParts } = (await import(join(import.meta.dirname, suite, 'parts.ts'))) as {
  missingParts: (options: { require: boolean }) => Promise<string[]>
}
const missing = await missingParts({ require: values.require })
if (missing.length > 0) {
  console.log(`e2e ${suite}: missing ${missing.join('; ')}${values.require ? '' : ' — skipped'}`)
  process.exit(values.require ? 1 : 0)
}
const report = process.env.BUD_VITEST_JSON
const reporters = report ? ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`] : []
const run = spawnSync(
  'npx',
  ['--no-install', 'vitest', 'run', '--config', 'e2e/vitest.config.ts', ...reporters, `e2e/${suite}/`],
  { cwd: root, stdio: 'inherit', env: { ...process.env, BUD_E2E_REQUIRE: values.require ? '1' : '' } },
)
process.exitCode = run.status ?? 1
