/** `bud sim train` and `bud sim evaluate`: from measured rows to a model, and how far it is from measurements. */
import { invalidInput, type Reason } from '@bud/kernel'
import { type Answer, type Terminal, text, type Values } from '../verb.ts'
import { openCasePredictor, openSimulator } from './compose.ts'

export async function train({ say }: Terminal, options: Values): Promise<Answer> {
  const { budsim, reference } = await openSimulator()
  const { loadMeasurements, saveErrors, trainingDigests } = await import('@bud/budsim/adapters/measurements')
  const { loadTrainedModel, saveTrainedModel } = await import('@bud/budsim/adapters/trained-model')
  const started = performance.now()
  const input = { rows: whole(loadMeasurements()), digests: trainingDigests(), reference, onProgress: say }
  const { model, report } =
    options.calibrate === true
      ? budsim.calibrateAndFit(input)
      : { model: budsim.refit(input, loadTrainedModel()), report: undefined }
  saveTrainedModel(model)
  if (report !== undefined) saveErrors(report)
  const seconds = (performance.now() - started) / 1000
  return {
    data: { model: model.id, training: model.training, seconds },
    text: `Trained ${model.id} on ${model.training.rows} measured rows in ${seconds.toFixed(1)} s${
      report === undefined
        ? '; its intervals are those of the model before (--calibrate makes new ones)'
        : '; intervals and data/ERRORS.md are new'
    }.`,
  }
}

export async function evaluate(terminal: Terminal, options: Values): Promise<Answer> {
  const file = text(options, 'in')
  return file === undefined ? evaluateCommitted(terminal) : evaluateFile(terminal, file, options.decisions === true)
}

/** The committed rows, each predicted by a model that had not seen its like. */
async function evaluateCommitted({ say }: Terminal): Promise<Answer> {
  const { budsim, reference } = await openSimulator()
  const { loadMeasurements, saveErrors, trainingDigests } = await import('@bud/budsim/adapters/measurements')
  const report = budsim.evaluateLeftOut({
    rows: whole(loadMeasurements()),
    digests: trainingDigests(),
    reference,
    onProgress: say,
  })
  saveErrors(report)
  return { data: { report }, text: report }
}

/** Of the committed rows none may be dropped unseen. */
function whole<Row>({ rows, problems }: { rows: Row[]; problems: Reason[] }): Row[] {
  if (problems.length > 0)
    throw invalidInput('Committed measured rows cannot be read; mend data/measurements.csv.', problems)
  return rows
}

/** Rows of one's own, predicted by the trained model. */
async function evaluateFile({ say }: Terminal, file: string, withDecisions: boolean): Promise<Answer> {
  const simulator = await openSimulator()
  const { budsim, reference } = simulator
  const { loadMeasurements } = await import('@bud/budsim/adapters/measurements')
  const { rows, problems } = loadMeasurements(file)
  for (const { message } of problems) say(message)
  const { judged, unanswered } = budsim.judgeRows(rows, reference, await openCasePredictor(simulator))
  for (const [why, count] of unanswered) say(`${count} rows unanswered: ${why}`)
  const trained = new Set(loadMeasurements().rows.map(({ row }) => row.row_id))
  const known = judged.filter(({ from }) => trained.has(from.row.row_id)).length
  if (known > 0) say(`${known} of these rows are in the training data: their errors flatter the predictor.`)
  const slices = budsim.scenarioErrors(judged)
  const decisions = withDecisions
    ? budsim.confidenceSteps().map((confidence) => budsim.judgeDecisions(judged, confidence))
    : []
  const answered = `${judged.length} of ${rows.length + problems.length} rows answered.`
  const tables = [answered, budsim.errorTable(slices), ...(withDecisions ? [budsim.decisionsTable(decisions)] : [])]
  return {
    data: { rows: rows.length + problems.length, answered: judged.length, in_training_data: known, slices, decisions },
    text: tables.join('\n\n'),
  }
}
