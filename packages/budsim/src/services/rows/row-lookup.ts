/** Names in cells → what they stand for, asked once per spelling. */
import { messageOf } from '@bud/kernel'

export type Found<T> = { name: string; value: T } | { problem: string }

const MOST_SPELLINGS = 1000

/** `find` throws when nothing is meant by the text; its message becomes the problem. */
export function createRowLookup<T>(find: (text: string) => { name: string; value: T }): (text: string) => Found<T> {
  const known = new Map<string, Found<T>>()
  return (text) => {
    const found = known.get(text) ?? attempt(text)
    if (known.size < MOST_SPELLINGS) known.set(ownText(text), found)
    return found
  }

  function attempt(text: string): Found<T> {
    try {
      return find(text)
    } catch (error) {
      return { problem: messageOf(error) }
    }
  }
}

/** A copy that does not keep alive the piece of a file it was cut from. */
export const ownText = (text: string): string => Buffer.from(text).toString()
