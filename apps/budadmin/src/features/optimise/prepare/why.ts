/** A candidate's sentence, cut so that a list of them can be skimmed; what is not recognised stays whole. */

export interface WhyParts {
  /** What is said of it, without the layout that stands beside it anyway. */
  said: string
  /** What would make it hold; undefined where nothing is offered. */
  remedy: string | undefined
}

const LAYOUT = /^\d+ × \([^)]*\) on [^:]+: /
const REMEDY = /^(.*?)\s*(It would hold with .*)$/s

export function toWhyParts(why: string): WhyParts {
  const text = why.replace(LAYOUT, '')
  const capital = text.charAt(0).toUpperCase() + text.slice(1)
  const [, said = capital, remedy] = REMEDY.exec(capital) ?? []
  return { said, remedy }
}
