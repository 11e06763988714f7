/** Brings the model's files into the cluster, each one's digest compared with the manifest on the way. */
import type { Context } from '../../services/context.ts'
import type { Report, StepResult } from '../shown-step.ts'
import type { Target } from '../target.ts'

const REPORT_EVERY_MS = 300

export async function transferModel(context: Context, target: Target, report: Report): Promise<StepResult<null>> {
  const { endpoint, cluster, driver } = target
  const { manifest, version_id } = endpoint
  if (!manifest)
    return {
      value: null,
      skipped: true,
      message: `${endpoint.model_name} has no files, and the engines of cluster "${cluster.name}" need none.`,
    }
  const total = manifest.files.reduce((sum, file) => sum + file.bytes, 0)
  const progress = throttled(context, (done) =>
    report(`${megabytes(done)} of ${megabytes(total)} MB.`, { done, total, unit: 'bytes' }),
  )
  const startedMs = context.clock.nowMs()
  const staged = await driver.staging.stage({
    manifest,
    open: async (path) => context.models.openFile(version_id, path),
    onProgress: progress.note,
  })
  await progress.settled()
  await report('All there.', { done: total, total, unit: 'bytes' })
  const seconds = ((context.clock.nowMs() - startedMs) / 1000).toFixed(1)
  return {
    value: null,
    message:
      staged.copied_bytes === 0
        ? `Already in the cluster: ${manifest.files.length} files, ${megabytes(total)} MB (${manifest.digest.slice(0, 12)}).`
        : `${megabytes(staged.copied_bytes)} of ${megabytes(total)} MB copied in ${seconds} s; the sha256 of all ${manifest.files.length} files agrees with the manifest.`,
  }
}

/** Progress comes with every chunk; what is written of it does not. */
function throttled({ clock }: Context, write: (done: number) => Promise<void>) {
  let lastMs = Number.NEGATIVE_INFINITY
  let writing: Promise<void> = Promise.resolve()
  return {
    note: (done: number) => {
      if (clock.nowMs() - lastMs < REPORT_EVERY_MS) return
      lastMs = clock.nowMs()
      writing = writing.then(() => write(done)).catch(() => {})
    },
    settled: () => writing,
  }
}

const megabytes = (bytes: number): string => (bytes / 1e6).toFixed(1)
