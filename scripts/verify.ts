/** `npm run verify`: everything that can be said about the code without running it, in parallel, in under 30 s. */
import { spawn } from 'node:child_process'

const checks: Record<string, string[]> = {
  'format, lint, sizes': ['biome', 'check', '.', '--error-on-warnings'],
  types: ['tsc', '-p', '.'],
  'dead code': ['knip', '--no-progress', '--no-config-hints'],
  'arrows, links': ['vitest', 'run', 'scripts', '--reporter=dot'],
}

interface Outcome {
  name: string
  ok: boolean
  output: string
  seconds: number
}

function runCheck([name, command]: [string, string[]]): Promise<Outcome> {
  const startedMs = performance.now()
  return new Promise((resolve) => {
    const child = spawn('npx', ['--no-install', ...command], { stdio: ['ignore', 'pipe', 'pipe'] })
    let output = ''
    child.stdout.on('data', (chunk) => {
      output += chunk
    })
    child.stderr.on('data', (chunk) => {
      output += chunk
    })
    child.on('close', (code) =>
      resolve({ name, ok: code === 0, output, seconds: (performance.now() - startedMs) / 1000 }),
    )
  })
}

const outcomes = await Promise.all(Object.entries(checks).map(runCheck))
for (const { name, ok, output, seconds } of outcomes) {
  if (!ok) console.log(output)
  console.log(`${ok ? 'ok  ' : 'FAIL'} ${name} (${seconds.toFixed(1)} s)`)
}
process.exitCode = outcomes.every((outcome) => outcome.ok) ? 0 : 1
