/**
 * How much one file may unpack to, over all archives inside it: archives in archives multiply, so a limit for each of
 * them would allow any amount.
 */
export interface UnpackBudget {
  bytes: number
}

const LEAST_BYTES = 1024 ** 3
/** Entries that are not packed are counted too: the file itself, once per level. */
const RATIO = 16

export const unpackBudgetFor = (fileBytes: number): UnpackBudget => ({
  bytes: Math.max(LEAST_BYTES, RATIO * fileBytes),
})
