/** Cuts an import into durable steps: after a crash at most one batch is looked at again. */

const MAX_BATCH_BYTES = 1024 ** 3
const MAX_BATCH_FILES = 500
/** As many as are read at once, however large they are. */
const MIN_BATCH_FILES = 4

/** Consecutive files: four, or more up to 1 GiB or 500 files together. */
export function planBatches<File extends { bytes: number }>(files: readonly File[]): File[][] {
  const batches: File[][] = []
  let batch: File[] = []
  let bytes = 0
  for (const file of files) {
    const large = batch.length >= MIN_BATCH_FILES && bytes + file.bytes > MAX_BATCH_BYTES
    if (large || batch.length >= MAX_BATCH_FILES) {
      batches.push(batch)
      batch = []
      bytes = 0
    }
    batch.push(file)
    bytes += file.bytes
  }
  if (batch.length > 0) batches.push(batch)
  return batches
}
