import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { Platform } from '../create-platform.ts'
import type { Operations } from '../ports.ts'
import { createTestPlatform } from '../testing/create-test-platform.ts'
import { createPostgresOperations } from './postgres-operations.ts'

const T0 = Date.UTC(2026, 0, 1)
const at = (seconds: number) => new Date(T0 + seconds * 1000).toISOString()

describe('operations', () => {
  let platform: Platform
  let operations: Operations
  let now = T0
  let count = 0
  let id = ''
  beforeAll(async () => {
    platform = await createTestPlatform()
    const { database, events } = platform
    operations = createPostgresOperations({ database, events, nowMs: () => now })
  })
  afterAll(() => platform.close())
  beforeEach(async () => {
    now = T0
    id = `op-${count++}`
    await operations.create(head())
  })

  const head = () => ({
    id,
    project_id: 'project-1',
    kind: 'deploy',
    subject_id: `ep-${id}`,
    created_by: 'user-1',
    steps: ['validate', 'transfer', 'start'],
  })
  const find = () => operations.find('project-1', id)
  const stepNamed = async (name: string) => (await find())?.steps.find((step) => step.name === name)

  test('begin running with every step pending, in order', async () => {
    expect(await find()).toEqual({
      id,
      project_id: 'project-1',
      kind: 'deploy',
      subject_id: `ep-${id}`,
      created_by: 'user-1',
      state: 'running',
      created_at: at(0),
      ended_at: null,
      reasons: [],
      steps: ['validate', 'transfer', 'start'].map((name) => ({
        name,
        state: 'pending',
        started_at: null,
        ended_at: null,
        message: null,
        progress: null,
      })),
    })
  })

  test('are made once for one id', async () => {
    await operations.updateStep(id, 'validate', { state: 'running' })
    await operations.create(head())
    expect(await stepNamed('validate')).toMatchObject({ state: 'running' })
    expect((await operations.list('project-1', { subject_id: `ep-${id}`, limit: 10 })).length).toBe(1)
  })

  test('appear together with their subject, or not at all', async () => {
    const attempt = platform.database.transact(async (tx) => {
      await operations.create({ ...head(), id: 'op-rolled-back' }, tx)
      throw new Error('no')
    })
    await expect(attempt).rejects.toThrow('no')
    expect(await operations.find('project-1', 'op-rolled-back')).toBeUndefined()
  })

  test('keep a step’s first start and first end when it is reported again', async () => {
    const report = async (seconds: number, state: 'running' | 'succeeded') => {
      now = T0 + seconds * 1000
      await operations.updateStep(id, 'transfer', { state })
    }
    await report(1, 'running')
    await report(2, 'running')
    await report(3, 'succeeded')
    await report(4, 'succeeded')
    expect(await stepNamed('transfer')).toMatchObject({ state: 'succeeded', started_at: at(1), ended_at: at(3) })
  })

  test('show progress and a message without changing the state', async () => {
    await operations.updateStep(id, 'transfer', { state: 'running' })
    const progress = { done: 5, total: 10, unit: 'bytes' } as const
    await operations.updateStep(id, 'transfer', { message: '5 of 10 bytes', progress })
    expect(await stepNamed('transfer')).toMatchObject({ state: 'running', message: '5 of 10 bytes', progress })
  })

  test('never show an open step once they failed', async () => {
    await operations.updateStep(id, 'validate', { state: 'succeeded' })
    await operations.updateStep(id, 'transfer', { state: 'running' })
    await operations.finish(id, 'failed', [{ code: 'no-gpu', message: 'No GPU is free.' }])
    const operation = await find()
    expect(operation?.steps.map(({ state }) => state)).toEqual(['succeeded', 'failed', 'skipped'])
    expect(operation).toMatchObject({ state: 'failed', reasons: [{ code: 'no-gpu' }], ended_at: at(0) })
  })

  test('keep their first end', async () => {
    await operations.finish(id, 'succeeded')
    now += 1_000
    await operations.finish(id, 'failed', [{ code: 'late', message: 'Too late.' }])
    expect(await find()).toMatchObject({ state: 'succeeded', ended_at: at(0), reasons: [] })
  })

  test('are invisible to other projects', async () => {
    expect(await operations.find('project-2', id)).toBeUndefined()
    expect(await operations.list('project-2', { limit: 10 })).toEqual([])
  })

  test('are listed latest first', async () => {
    now += 1_000
    await operations.create({ ...head(), id: `${id}-later`, steps: [] })
    const listed = await operations.list('project-1', { subject_id: `ep-${id}`, limit: 10 })
    expect(listed.map((operation) => operation.id)).toEqual([`${id}-later`, id])
    expect((await operations.list('project-1', { limit: 1 })).length).toBe(1)
  })

  test('refuse a step they do not have', async () => {
    await expect(operations.updateStep(id, 'dance', { state: 'running' })).rejects.toMatchObject({ code: 'not-found' })
  })

  test('announce every change', async () => {
    const controller = new AbortController()
    const reader = platform.events.subscribe('project-1', controller.signal)[Symbol.asyncIterator]()
    await operations.updateStep(id, 'validate', { state: 'running' })
    expect((await reader.next()).value).toEqual({ project_id: 'project-1', type: 'operation.changed', id })
    await operations.finish(id, 'succeeded')
    expect((await reader.next()).value).toMatchObject({ id })
    controller.abort()
  })

  test('are forgotten by when they ended, with their steps; running ones stay', async () => {
    const running = id
    now = T0 + 1_000
    id = `op-${count++}`
    await operations.create(head())
    await operations.finish(id, 'succeeded')
    await operations.forgetEnded(now)
    expect(await find()).toMatchObject({ state: 'succeeded' })
    await operations.forgetEnded(now + 1)
    expect(await find()).toBeUndefined()
    expect(await operations.find('project-1', running)).toMatchObject({ state: 'running' })
    await expect(operations.updateStep(id, 'start', { state: 'running' })).rejects.toMatchObject({ code: 'not-found' })
  })
})
