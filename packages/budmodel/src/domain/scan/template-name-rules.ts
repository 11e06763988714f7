/** Judges the places where a template uses a value as the name of an attribute: nothing internal may be reached. */
import type { Argument } from '../formats/jinja-syntax.ts'
import type { Report } from './template-evaluation.ts'
import { ATTRIBUTE_PLACES, KNOWN_FILTERS, LEAKING_ATTRIBUTES } from './template-names.ts'
import { allOf, mayBeginUnderscored, nothing, type Value } from './template-values.ts'

export class TemplateNameRules {
  readonly #report: Report

  constructor(report: Report) {
    this.#report = report
  }

  attributeFilter(name: string, args: readonly Argument[], values: readonly Value[], at: number): void {
    const place = ATTRIBUTE_PLACES.get(name)
    if (place === undefined) return
    const positional = args.flatMap((arg, i) => (arg.name === undefined ? [i] : []))[place]
    const named = args.findIndex((arg) => arg.name === 'attribute' || (name === 'attr' && arg.name === 'name'))
    for (const i of [positional, named < 0 ? undefined : named]) {
      const arg = i === undefined ? undefined : args[i]
      const value = i === undefined ? undefined : values[i]
      if (!arg || !value) continue
      if (name === 'attr') for (const text of value.texts) this.reference(text, at)
      if (name === 'attr' && arg.value.kind !== 'text')
        this.#report('block', 'template-escape', 'looks up an attribute whose name it computes', at)
      for (const part of dottedParts(value)) this.attribute(part, at)
    }
  }

  /** map(attribute='…') or map('<filter>', …). */
  map(args: readonly Argument[], values: readonly Value[], at: number): void {
    const [first] = args
    const [filter] = values
    const named = args.findIndex(({ name }) => name === 'attribute')
    if (named >= 0) for (const part of dottedParts(values[named] ?? nothing)) this.attribute(part, at)
    if (!first || !filter || first.name !== undefined) return
    if (first.value.kind !== 'text') {
      this.#report('block', 'template-escape', 'applies a filter whose name it computes', at)
      return
    }
    const name = first.value.value
    if (!KNOWN_FILTERS.has(name))
      this.#report('warn', 'template-unknown-filter', `uses the unknown filter ${name}`, at, name)
    this.attributeFilter(name, args.slice(1), values.slice(1), at)
  }

  format(object: Value, at: number): void {
    for (const text of object.texts)
      if (/\{[\w.[\]]*[.[]__/.test(text.normalize('NFKC')))
        this.#report('block', 'template-escape', 'formats a text that looks into internal attributes', at, text)
    if (object.computed !== 'none' || object.data)
      this.#report('warn', 'template-computed-name', 'formats a text that it computes', at)
  }

  /** `format` that is not called at once escapes the check that sandboxes have for its calls. */
  reference(name: string, at: number): void {
    if (name === 'format' || name === 'format_map')
      this.#report('block', 'template-escape', `hands the method ${name} on instead of calling it`, at, name)
  }

  attribute(value: Value, at: number): void {
    const all = allOf(value)
    for (const text of all.texts) {
      if (mayBeginUnderscored(text) || LEAKING_ATTRIBUTES.has(text.trim()))
        this.#report('block', 'template-escape', `reaches for the internal attribute ${JSON.stringify(text)}`, at, text)
    }
    if (all.computed === 'anything')
      this.#report('block', 'template-computed-name', 'puts the name of an attribute together while it runs', at)
    if (all.computed === 'mixed')
      this.#report('warn', 'template-computed-name', 'makes the name of an attribute out of what a request holds', at)
  }
}

const dottedParts = (value: Value): Value[] => {
  const all = allOf(value)
  return [{ ...all, texts: new Set([...all.texts].flatMap((text) => text.split('.'))) }]
}
