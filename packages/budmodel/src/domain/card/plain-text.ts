/** A model card's first paragraph as plain text: what a list can show of a model. */
import { printable } from '../file-path.ts'

const MAX_LINES = 400
const MAX_LINE = 2000
const SHOWN = 300
/** Shorter ones are captions, badges and greetings. */
const MIN_CHARACTERS = 40

/** At most 300 characters, ending at a word; null when the card has no prose. */
export function firstParagraph(markdown: string): string | null {
  const lines = markdown.slice(0, MAX_LINES * MAX_LINE).split(/\r?\n/, MAX_LINES)
  let inCode = false
  let paragraph: string[] = []
  for (const line of [...lines, '']) {
    const text = line.slice(0, MAX_LINE)
    if (/^\s{0,3}(?:```|~~~)/.test(text)) inCode = !inCode
    const prose = inCode || isNoProse(text) ? '' : plain(text)
    if (prose !== '') {
      paragraph.push(prose)
      continue
    }
    const joined = paragraph.join(' ')
    if (joined.length >= MIN_CHARACTERS) return shortened(printable(joined))
    paragraph = []
  }
  return null
}

/** Headings, tables, lists, quotes, rules, and lines that are only HTML. */
const isNoProse = (line: string): boolean =>
  /^\s{0,3}(?:#|\||>|[-*+]\s|\d{1,3}[.)]\s|={3,}|-{3,}|\*{3,}|```|~~~|\[[^\]]{1,80}\]:)/.test(line)

function plain(line: string): string {
  return line
    .replaceAll(/<[^<>]{0,500}>/g, ' ')
    .replaceAll(/!\[[^\][]{0,300}\]\([^()\s]{0,500}\)/g, ' ')
    .replaceAll(/\[([^\][]{0,300})\]\([^()\s]{0,500}\)/g, '$1')
    .replaceAll(/&(?:nbsp|emsp|ensp);/g, ' ')
    .replaceAll(/[*_`]{1,3}([^*_`]{1,500})[*_`]{1,3}/g, '$1')
    .replaceAll(/\s+/g, ' ')
    .trim()
}

function shortened(text: string): string {
  if (text.length <= SHOWN) return text
  const cut = text.slice(0, SHOWN - 1)
  const end = cut.lastIndexOf(' ')
  return `${(end > SHOWN / 2 ? cut.slice(0, end) : cut).replace(/[\uD800-\uDBFF]$/, '')}…`
}
