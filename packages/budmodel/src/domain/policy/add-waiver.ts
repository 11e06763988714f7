/** Waivers added to and taken out of model-policy.yaml, with its comments and order kept. */
import { conflict } from '@bud/kernel'
import { type Document, isMap, isSeq, parseDocument } from 'yaml'
import { type PolicyDate, parsePolicy } from './parse-policy.ts'

export interface NewWaiver {
  name: string
  rule: string
  model: string
  path?: string | undefined
  sha256?: string | undefined
  reason: string
  expires: string
}

/** The text with the waiver at the end of its waivers. Throws invalid-input for a bad one, conflict for a name that is taken. */
export function addWaiver(text: string, waiver: NewWaiver, date: PolicyDate = {}): string {
  const { waivers } = parsePolicy(text)
  if (waivers.some(({ name }) => name === waiver.name)) {
    throw conflict(
      `There is a waiver called "${waiver.name}" already. Choose another name, or take that one back first.`,
    )
  }
  const document = parseDocument(text, { logLevel: 'error', prettyErrors: false })
  const { name, rule, model, path, sha256, reason, expires } = waiver
  const entry = {
    name,
    rule,
    model,
    ...(path === undefined ? {} : { path }),
    ...(sha256 === undefined ? {} : { sha256 }),
    reason,
    expires,
  }
  const list = document.get('waivers')
  if (isSeq(list)) {
    list.flow = false
    list.add(document.createNode(entry))
  } else document.set('waivers', document.createNode([entry]))
  const changed = textOf(document)
  parsePolicy(changed, date)
  return changed
}

/** The text without the waiver; unchanged when there is none of that name. */
export function removeWaiver(text: string, name: string): string {
  const document = parseDocument(text, { logLevel: 'error', prettyErrors: false })
  const list = document.get('waivers')
  const at = isSeq(list) ? list.items.findIndex((item) => isMap(item) && item.get('name') === name) : -1
  if (!isSeq(list) || at < 0) return text
  list.delete(at)
  if (list.items.length === 0) list.flow = true
  const changed = textOf(document)
  parsePolicy(changed)
  return changed
}

const textOf = (document: Document): string => document.toString({ lineWidth: 0 })
