import { expect, test } from 'vitest'
import { api } from '../../../api.ts'
import { changedKeys } from './changed-keys.ts'

test('a burst of events about one thing makes each cached answer old once', () => {
  const keys = changedKeys([
    { type: 'operation.changed', id: 'op-1' },
    { type: 'operation.changed', id: 'op-1' },
    { type: 'operation.changed', id: 'op-2' },
  ])
  expect(keys).toEqual([
    api.operations.get.key({ input: { id: 'op-1' } }),
    api.operations.list.key(),
    api.operations.get.key({ input: { id: 'op-2' } }),
  ])
})

test('an endpoint that changes also refreshes the capacity of the clusters', () => {
  expect(changedKeys([{ type: 'endpoint.changed', id: 'ep-1' }])).toContainEqual(api.clusters.key())
})

test('an event of an unknown type changes nothing', () => {
  expect(changedKeys([{ type: 'rollout.changed', id: 'r-1' }])).toEqual([])
})
