/** Options that several verbs of models share, and references to models and versions as people write them. */
import { invalidInput } from '@bud/kernel'
import { wholeOption } from '../numbers.ts'
import { text, type Values, type VerbSpec } from '../verb.ts'

type Options = NonNullable<VerbSpec['options']>

/** What is claimed of a model; the files win. */
export const claimOptions: Options = [
  ['--architecture <name>', 'as claimed; checked against the files'],
  ['--parameter-count <n>', 'as claimed'],
  ['--context-length <n>', 'as claimed'],
  ['--base-model <name>', 'the model this one was made from'],
  ['--licence <id>', 'SPDX id or a model licence’s, as claimed'],
]
export const noWaitOption: Options = [['--no-wait', 'do not wait for the scan']]

export const readClaims = (options: Values) => ({
  architecture: text(options, 'architecture'),
  parameter_count: wholeOption(options, 'parameterCount', '--parameter-count'),
  context_length: wholeOption(options, 'contextLength', '--context-length'),
  base_model: text(options, 'baseModel'),
  licence: text(options, 'licence'),
})

/** "name@3" → the name and the number; "name" → no number. Other words after "@" stay with the server to read. */
export function splitReference(reference: string): { model: string; version: string | undefined } {
  const at = reference.lastIndexOf('@')
  if (at < 0) return { model: reference, version: undefined }
  return { model: reference.slice(0, at), version: reference.slice(at + 1) }
}

/** "3", "@3" or "name@3". */
export function parseVersion(value: string): number {
  const match = /^(?:.*@)?([1-9]\d{0,8})$/.exec(value)
  if (!match) throw invalidInput(`A version is a number, e.g. 3, not "${value}".`)
  return Number(match[1])
}

export function requireVersionReference(reference: string, example: string): string {
  if (splitReference(reference).version === undefined && !reference.startsWith('mver-'))
    throw invalidInput(`Say which version: ${example}. "${reference}" is the whole model.`)
  return reference
}
