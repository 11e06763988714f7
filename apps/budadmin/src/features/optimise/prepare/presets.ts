/** Usual loads as one-click starts of the form. */
import type { WorkloadPreset } from '@bud/contract'
import { type OptimiseForm, type ShapeFields, toShapeFields } from './request.ts'

const labels: Readonly<Record<string, string>> = {
  chat: 'Chat',
  rag: 'RAG',
  'code-completion': 'Code completion',
  summarising: 'Summarising',
  batch: 'Batch',
}

export const presetLabel = ({ name }: WorkloadPreset): string => labels[name] ?? name

/** The preset whose figures the form holds; undefined once one of them was changed. */
export function presetOf(form: OptimiseForm, presets: readonly WorkloadPreset[]): WorkloadPreset | undefined {
  return presets.find(({ workload }) => {
    const fields = toShapeFields(workload)
    return (Object.keys(fields) as (keyof ShapeFields)[]).every((key) => fields[key] === form[key])
  })
}
