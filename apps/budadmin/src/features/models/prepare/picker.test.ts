import { expect, test } from 'vitest'
import { pickerOptions } from './picker.ts'

const found = [
  { id: 'model-a', name: 'a' },
  { id: 'model-b', name: 'b' },
]

test('the chosen one stays on offer, whatever is searched for, and only once', () => {
  const chosen = { id: 'model-b', name: 'b', version: 1 }
  expect(pickerOptions(found, 'model-b', chosen).map(({ value }) => value)).toEqual(['model-b', 'model-a'])
  expect(pickerOptions([], 'b', chosen)).toEqual([{ value: 'b', label: 'b' }])
})

test('a version of its own is called so', () => {
  expect(pickerOptions(found, 'model-b@2', { id: 'model-b', name: 'b', version: 2 })[0]).toEqual({
    value: 'model-b@2',
    label: 'b, version 2',
  })
})
