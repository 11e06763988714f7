/** `bud refinement`: actual against predicted, and the versions of what was learnt from it. */
import type { EndpointObservations, Refinement } from '@bud/contract'
import type { Command } from 'commander'
import { parseCount } from '../numbers.ts'
import { ago, ms, reasons, table, trim } from '../output.ts'
import { readText } from '../sim/files.ts'
import { type Answer, type Cli, group } from '../verb.ts'

export function addRefinementCommands(program: Command): void {
  group(program, 'refinement', 'What predictions have learnt from live endpoints', [
    {
      use: 'list',
      summary: 'Versions, newest first; the one in force is marked',
      run: async (cli) => describeVersions(await cli.client.refinements.list()),
    },
    {
      use: 'observations <endpoint>',
      summary: 'Actual against predicted, window by window',
      run: async (cli, [id = '']) => describeObservations(await cli.client.endpoints.observations({ id, limit: 30 })),
    },
    {
      use: 'activate <number>',
      summary: 'Predict with this version; an earlier one stays until another is chosen',
      examples: ['refinement activate 3'],
      run: async (cli, [number = '']) => {
        const version = await cli.client.refinements.activate({ number: parseCount(number, 'The number') })
        return { data: version, text: `Predictions are refined by version ${version.number}: ${version.reason}` }
      },
    },
    {
      use: 'none',
      summary: 'Predict without refinement, until a version is activated',
      run: async (cli) => {
        await cli.client.refinements.deactivate()
        return { data: {}, text: 'Predictions are not refined any more.' }
      },
    },
    {
      use: 'import <rows.csv>',
      summary: 'Refine with measurements of your own, in the columns of data/measurements.csv',
      run: importRows,
    },
  ])
}

function describeVersions(versions: Refinement[]): Answer {
  const rows = versions.map((version) => [
    version.active ? '→' : '',
    version.number,
    version.observations,
    version.reason,
    version.created_by,
    ago(version.created_at),
  ])
  const text =
    rows.length === 0
      ? 'No endpoint has shown enough yet.'
      : table(['', 'VERSION', 'OBSERVATIONS', 'WHY', 'BY', 'MADE'], rows)
  return { data: versions, text }
}

function describeObservations(found: EndpointObservations): Answer {
  const { observations, drift, refinement } = found
  const rows = observations.map(({ load, measured, predicted, to, refinement: by }) => [
    ago(to),
    trim(load.concurrency),
    `${load.input_tokens}/${load.output_tokens}`,
    against(measured.tpot_ms, predicted.tpot_ms),
    against(measured.ttft_ms, predicted.ttft_ms),
    by === null ? '–' : String(by),
  ])
  const lines = [
    refinement === null ? 'Predictions are not refined.' : `Predictions are refined by version ${refinement}.`,
    ...(drift?.drifting ? [driftLine(drift)] : []),
    rows.length === 0
      ? 'Nothing was observed yet: a window needs a minute of service and 20 requests.'
      : table(['WINDOW', 'IN FLIGHT', 'TOKENS IN/OUT', 'TPOT', 'TTFT', 'VERSION'], rows),
  ]
  return { data: found, text: lines.join('\n') }
}

/** "12.1 ms (+8 %)": what was measured, and by how much it is above what was predicted. */
function against(measured: number | null, predicted: number): string {
  if (measured === null) return '–'
  const percent = Math.round((measured / predicted - 1) * 100)
  return `${ms(measured)} (${percent >= 0 ? '+' : '−'}${Math.abs(percent)} %)`
}

function driftLine({ target, from_ratio: from, to_ratio: to, since }: NonNullable<EndpointObservations['drift']>) {
  const percent = Math.round(((to ?? 1) / (from ?? 1) - 1) * 100)
  const what = target === 'ttft' ? 'Time to first token' : 'Time per output token'
  return `${what} has shifted by ${percent} %${since ? `, beginning ${ago(since)}` : ''}.`
}

async function importRows({ client, say }: Cli, [file = '']: string[]): Promise<Answer> {
  const { parseCsv } = await import('@bud/budsim')
  const imported = await client.observations.import({
    rows: parseCsv((await Array.fromAsync(readText(file))).join('')),
  })
  if (imported.skipped.length > 0) say(`Left out:\n${reasons(imported.skipped)}`)
  const version = imported.refinement === null ? '' : ` They made version ${imported.refinement}.`
  return { data: imported, text: `${imported.recorded} measured rows.${version}` }
}
