/** Some of the committed measured rows, ready to train on: enough for every part of it, few enough to be quick. */
import { loadMeasurements } from '../adapters/measurements.ts'
import { loadReferenceData } from '../adapters/reference-data.ts'
import type { TrainingInput } from '../services/training/run-training.ts'

const SILICON_MODEL = 'openai/gpt-oss-120b'
const EVERY = 60

/** One model of the closed-loop sample in full, and one in sixty of all other rows. */
export function someTrainingInput(): TrainingInput {
  const rows = loadMeasurements().rows.filter(
    ({ row, source }, i) =>
      i % EVERY === 0 || (source === 'aiconfigurator-silicon-sample' && row.model === SILICON_MODEL),
  )
  return {
    rows,
    digests: { rows_sha256: 'ab'.repeat(32), kernels_sha256: 'cd'.repeat(32) },
    reference: loadReferenceData(),
  }
}
