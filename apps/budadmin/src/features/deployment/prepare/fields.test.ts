import { Deployment } from '@bud/kernel'
import { expect, test } from 'vitest'
import { fieldDefaults, fieldGroups } from './fields.ts'

const bare = Deployment.parse({ runtime: 'vllm', resources: { gpu_type: 'H100-SXM-80GB', gpu_count: 1 } })

function valueAt(value: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>((inner, key) => (inner as Record<string, unknown> | undefined)?.[key], value)
}

test('what the form shows for a field left out is what the schema fills in', () => {
  for (const [path, value] of Object.entries(fieldDefaults))
    expect([path, valueAt(bare, path.split('.'))]).toEqual([path, value])
})

test('each field of the form is one of the document', () => {
  const known = { ...bare, config: { ...bare.config, max_model_len: 1, max_num_batched_tokens: 1 } }
  const paths = fieldGroups.flatMap((group) => group.fields.map((field) => field.path))
  expect(paths.filter((path) => valueAt(known, path) === undefined)).toEqual([])
})
