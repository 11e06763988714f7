/** Up to four models side by side. */
import { type ErrorReason, invalidInput } from '@bud/kernel'

const FEWEST = 2
const MOST = 4

/** In the order named. `names`: ids, names or references, separated by commas. */
export async function compareModels<Detail extends { id: string; version_id: string }>(
  get: (reference: string) => Promise<Detail>,
  names: string,
): Promise<Detail[]> {
  const references = names
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '')
  if (references.length < FEWEST || references.length > MOST) throw refused([countReason(references.length)])
  const details = await Promise.all(references.map(get))
  const twice = details.flatMap(({ id, version_id }, at) => {
    const first = details.findIndex((other) => other.id === id && other.version_id === version_id)
    return first < at ? [twiceReason(references[first] ?? '', references[at] ?? '')] : []
  })
  if (twice.length > 0) throw refused(twice)
  return details
}

const refused = (reasons: ErrorReason[]): Error => invalidInput('These models cannot be compared.', reasons)

const countReason = (count: number): ErrorReason => ({
  code: 'comparison-size',
  message: `${count} ${count === 1 ? 'model is' : 'models are'} named; a comparison takes ${FEWEST} to ${MOST}.`,
  path: 'models',
  next_step: 'Name them separated by commas.',
})

const twiceReason = (first: string, second: string): ErrorReason => ({
  code: 'compared-with-itself',
  message:
    first === second ? `"${first}" is named twice.` : `"${first}" and "${second}" are the same version of one model.`,
  path: 'models',
  next_step: 'Name different models, or versions such as name@2.',
})
