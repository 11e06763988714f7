/** `npm run bench -- <name> [--json] [--smoke] [--require]`: measures beside a peer in the same run; medians and ratios, no assertions. */
import { cpus, totalmem } from 'node:os'
import { parseArgs } from 'node:util'
import type { Bench, BenchReport } from './report.ts'

const benches: Record<string, () => Promise<{ run: Bench }>> = {
  start: () => import('./start.ts'),
  sim: () => import('./sim.ts'),
  gateway: () => import('./gateway.ts'),
  search: () => import('./search.ts'),
  registry: () => import('./registry.ts'),
  transfer: () => import('./transfer.ts'),
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    json: { type: 'boolean', default: false },
    smoke: { type: 'boolean', default: false },
    require: { type: 'boolean', default: false },
  },
})

const load = benches[positionals[0] ?? '']
if (!load) {
  console.error(`Say which: npm run bench -- ${Object.keys(benches).join('|')} [--json] [--smoke] [--require]`)
  process.exit(2)
}

const measured = await (await load()).run({ smoke: values.smoke, require: values.require })
const machine = `${cpus().length} × ${cpus()[0]?.model ?? 'unknown CPU'}, ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.version}`
const report: BenchReport = { ...measured, machine }
if (values.json) console.log(JSON.stringify(report, null, 2))
else print(report)

function print({ name, machine, results }: BenchReport) {
  console.log(`bench ${name} on ${machine}`)
  for (const { what, unit, ours, peers, must, aim, meets } of results) {
    const besides = Object.entries(peers ?? {}).map(([peer, value]) => `, ${peer} ${round(value)}`)
    const goals = [must && `must ${must}`, aim && `aim ${aim}`].filter(Boolean).join(', ')
    const verdict = meets === undefined ? '' : meets ? ' ✓' : ' ✗ misses the must'
    console.log(`  ${what}: ${round(ours)} ${unit}${besides.join('')}${goals ? ` (${goals})` : ''}${verdict}`)
  }
}

function round(value: number): string {
  return value >= 100 ? value.toFixed(0) : value.toPrecision(3)
}
