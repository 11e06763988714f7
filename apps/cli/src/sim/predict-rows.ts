/** `bud sim predict --in`: a table of rows → a table of predictions, on this machine. */
import type { CasePredictor, RowStatus } from '@bud/budsim'
import { invalidInput } from '@bud/kernel'
import { type Answer, type Terminal, text, type Values } from '../verb.ts'
import { openCasePredictor, openSimulator, type Simulator } from './compose.ts'
import { nameOf, openSink, readText, type TextSink } from './files.ts'

export async function predictTable({ say, json }: Terminal, input: string, options: Values): Promise<Answer> {
  const output = text(options, 'out') ?? (json ? undefined : '-')
  if (output === undefined || (json && output === '-')) {
    throw invalidInput('With --json the table goes to a file: --out predictions.csv.')
  }
  const simulator = await openSimulator()
  const { budsim, gpus, models } = simulator
  const predictor = await refinedBy(simulator, await openCasePredictor(simulator), text(options, 'observations'), say)
  const rows = budsim.predictRows({ chunks: readText(input), predictor, gpus, models, note: say })
  const counts = Object.fromEntries(budsim.ROW_STATUSES.map((status) => [status, 0])) as Record<RowStatus, number>
  const sink = await openSink(output)
  await whole(sink, async () => {
    await sink.write(budsim.PREDICTIONS_HEADER)
    for await (const batch of rows) {
      for (const { status } of batch) counts[status]++
      await sink.write(batch.map(budsim.predictionLine).join(''))
    }
  })
  say(summary(counts, output))
  return { data: { out: output, rows: total(counts), statuses: counts, predictor: predictor.id }, text: '' }
}

/** The predictor itself without a file of measured rows. */
async function refinedBy(
  { budsim, gpus, models }: Simulator,
  predictor: CasePredictor,
  file: string | undefined,
  say: Terminal['say'],
): Promise<CasePredictor> {
  if (file === undefined) return predictor
  const observed = await budsim.observeRows({ chunks: readText(file), predictor, gpus, models, id: nameOf(file) })
  const { refinement, problems, skipped } = observed
  say(
    `${refinement.observations} measured rows refine the predictions${skipped > 0 ? `; ${skipped} were left out:` : '.'}`,
  )
  for (const problem of problems) say(`  ${problem}`)
  return budsim.createRefinedPredictor(predictor, refinement)
}

/** A file that could not be finished is not left behind. */
async function whole(sink: TextSink, write: () => Promise<void>): Promise<void> {
  try {
    await write()
    await sink.finish()
  } catch (error) {
    await sink.abandon()
    throw error
  }
}

const total = (counts: Record<RowStatus, number>): number =>
  Object.values(counts).reduce((sum, count) => sum + count, 0)

function summary(counts: Record<RowStatus, number>, output: string): string {
  const parts = Object.entries(counts).map(([status, count]) => `${count} ${status}`)
  return `${total(counts)} rows${output === '-' ? '' : ` in ${output}`}: ${parts.join(', ')}.`
}
