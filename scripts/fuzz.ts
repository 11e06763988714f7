/**
 * `npm run fuzz -- --runs 100000 [files]`: every fuzz test with as many inputs as asked for. The seeds are fixed, so
 * what it finds it finds again; more runs go on where fewer ended.
 */
import { spawn } from 'node:child_process'
import { parseArgs } from 'node:util'

const { values, positionals } = parseArgs({
  options: { runs: { type: 'string', default: '10000' } },
  allowPositionals: true,
})
const runs = Number(values.runs)
if (!Number.isSafeInteger(runs) || runs < 1) {
  process.stderr.write(`--runs takes a number of inputs, such as 100000; it was "${values.runs}".\n`)
  process.exit(1)
}
const testTimeoutMs = 60_000 + runs * 100
const filters = positionals.length > 0 ? positionals : ['.fuzz.test.ts']
const command = ['--no-install', 'vitest', 'run', ...filters, `--testTimeout=${testTimeoutMs}`]
const child = spawn('npx', command, { stdio: 'inherit', env: { ...process.env, BUD_FUZZ_RUNS: String(runs) } })
child.on('exit', (code) => {
  process.exitCode = code ?? 1
})
