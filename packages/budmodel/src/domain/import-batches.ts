/** Cuts an import into durable steps: after a crash at most one batch is looked at again. */

const MAX_BATCH_BYTES = 1024 ** 3
const MAX_BATCH_FILES = 500

/** Consecutive files of up to 1 GiB or 500 files together; a larger file is a batch of its own. */
export function planBatches<File extends { bytes: number }>(files: readonly File[]): File[][] {
  const batches: File[][] = []
  let batch: File[] = []
  let bytes = 0
  for (const file of files) {
    if (batch.length > 0 && (batch.length >= MAX_BATCH_FILES || bytes + file.bytes > MAX_BATCH_BYTES)) {
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
