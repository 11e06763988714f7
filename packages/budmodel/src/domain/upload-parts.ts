/** How a file is cut into parts on its way in. */

const MIB = 1024 * 1024
/** Stores take no smaller part but the last, and 10,000 at most. */
const MIN_PART_BYTES = 16 * MIB
const MAX_PARTS = 9000

export interface PartPlan {
  part_bytes: number
  count: number
}

export function planParts(bytes: number): PartPlan {
  const needed = Math.ceil(bytes / MAX_PARTS / MIB) * MIB
  const part_bytes = Math.max(MIN_PART_BYTES, needed)
  return { part_bytes, count: Math.ceil(bytes / part_bytes) }
}

export interface Part {
  number: number
  offset: number
  bytes: number
}

export function partAt(fileBytes: number, partBytes: number, number: number): Part {
  const offset = (number - 1) * partBytes
  return { number, offset, bytes: Math.min(partBytes, fileBytes - offset) }
}

/** In order; a part of another size than planned counts as missing. */
export function missingParts(
  fileBytes: number,
  partBytes: number,
  arrived: readonly { number: number; bytes: number }[],
  limit: number,
): Part[] {
  const sizes = new Map(arrived.map(({ number, bytes }) => [number, bytes]))
  const missing: Part[] = []
  for (let number = 1; (number - 1) * partBytes < fileBytes && missing.length < limit; number++) {
    const part = partAt(fileBytes, partBytes, number)
    if (sizes.get(number) !== part.bytes) missing.push(part)
  }
  return missing
}
