/** What the listings of all places have in common. */
import { type BudError, type ErrorReason, invalidInput } from '@bud/kernel'
import type { SourceListing } from '../ports.ts'

export const MAX_FILES = 100_000

export function sortListing({ files, refused }: SourceListing): SourceListing {
  const byPath = (a: { path: string }, b: { path: string }) => (a.path < b.path ? -1 : 1)
  return { files: files.toSorted(byPath), refused: refused.toSorted(byPath) }
}

export const tooManyFiles = (place: string): BudError =>
  invalidInput(`${place} holds more than ${MAX_FILES.toLocaleString('en')} files. Register a folder below it.`)

/** A source path that leads nowhere, as an error of the request's field. */
export const badSource = (message: string, reason: Omit<ErrorReason, 'path'>): BudError =>
  invalidInput(message, [{ ...reason, path: 'source_path' }])
