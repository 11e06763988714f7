/** What a model picker offers. */
import type { ModelDetail, ModelSummary } from '@bud/contract'

interface Option {
  value: string
  label: string
}

/** The chosen one stays among them, whatever is searched for; a version other than the shown one says so. */
export function pickerOptions(
  found: readonly Pick<ModelSummary, 'id' | 'name'>[],
  value: string | undefined,
  chosen: Pick<ModelDetail, 'id' | 'name' | 'version'> | undefined,
): Option[] {
  const options = found.map(({ id, name }) => ({ value: id, label: name }))
  if (!value || !chosen) return options
  const own = { value, label: value.includes('@') ? `${chosen.name}, version ${chosen.version}` : chosen.name }
  return [own, ...options.filter((option) => option.value !== value && option.value !== chosen.id)]
}
