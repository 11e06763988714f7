import type { Endpoint, Optimization } from '@bud/contract'
import { expect, test } from 'vitest'
import { type Progress, toChecklist } from './checklist.ts'

const nothing: Progress = { registeredModels: 0, optimizations: [], endpoints: [], answered: false }
const endpoint = { ready_replicas: 1 } as Endpoint
const search = (approved: boolean) => ({ approval: approved ? {} : null }) as Optimization
const statesOf = (progress: Partial<Progress>) => toChecklist({ ...nothing, ...progress })?.map((step) => step.state)

test('a fresh Foundry begins with choosing a model', () => {
  expect(statesOf({})).toEqual(['next', 'later', 'later', 'later', 'later'])
})

test('a search ticks model and limits, an approval the third step', () => {
  expect(statesOf({ optimizations: [search(false)] })).toEqual(['done', 'done', 'next', 'later', 'later'])
  expect(statesOf({ optimizations: [search(true)] })).toEqual(['done', 'done', 'done', 'next', 'later'])
})

test('a deployment from YAML skips limits and approval: they are not shown as done', () => {
  expect(statesOf({ endpoints: [endpoint] })).toEqual(['done', 'skipped', 'skipped', 'done', 'next'])
})

test('an endpoint that has no ready replica is not deployed', () => {
  expect(statesOf({ endpoints: [{ ready_replicas: 0 } as Endpoint] })?.[3]).not.toBe('done')
})

test('it goes away once something is deployed and has answered', () => {
  expect(toChecklist({ ...nothing, endpoints: [endpoint], answered: true })).toBeUndefined()
})
