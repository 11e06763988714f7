/** The built-in structural checks behind the Scanner port. */
import { inspectFile } from '../domain/scan/inspect-file.ts'
import type { Scanner } from '../ports.ts'

/** Raise `version` whenever a rule changes. */
export const createFormatScanner = (): Scanner => ({ name: 'formats', version: '2', scan: (file) => inspectFile(file) })
