/** What the pickles of the corpus have in common: the call that they make, and the case around them. */
import { pickleOp as p, pickleOf, stateDictPickle } from '../pickle-writer.ts'
import type { CorpusCase } from './corpus-case.ts'

const COMMAND = 'touch /tmp/pickle-was-loaded'
const GLOBAL = ['pickle-global']

export const call = [p.global('os', 'system'), p.text(COMMAND), p.tuple1(), p.reduce()]
export const payload = pickleOf(p.proto(2), ...call, p.stop())
export const sound = stateDictPickle([{ name: 'w', storage: 'FloatStorage', elements: 4 }])

export function shape(
  name: string,
  path: string,
  content: Uint8Array,
  why: string,
  expects = GLOBAL,
  published?: string,
): CorpusCase {
  return {
    name: `pickle-${name}`,
    kind: 'malicious',
    files: { [path]: content },
    expects,
    why,
    ...(published ? { published } : {}),
  }
}
