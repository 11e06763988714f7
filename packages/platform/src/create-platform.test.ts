import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { createPlatform } from './create-platform.ts'
import { createTestPlatform } from './testing/create-test-platform.ts'

test('keeps operations and secrets in the data folder over a restart', async () => {
  const dataDir = join(await mkdtemp(join(tmpdir(), 'bud-')), 'state')
  const first = await createPlatform({ dataDir })
  const sealed = first.secrets.seal('hush')
  await first.operations.create({
    id: 'op-1',
    project_id: 'project-1',
    kind: 'deploy',
    subject_id: 'ep-1',
    created_by: 'user-1',
    steps: ['validate'],
  })
  await first.close()

  const second = await createPlatform({ dataDir })
  expect(second.secrets.open(sealed)).toBe('hush')
  expect(await second.operations.find('project-1', 'op-1')).toMatchObject({ state: 'running', kind: 'deploy' })
  await second.close()
  await rm(dataDir, { recursive: true })
})

test('runs a flow once for one id', async () => {
  const platform = await createTestPlatform()
  const calls: string[] = []
  const flow = {
    name: 'greet',
    body: (run: import('./ports.ts').Run, name: string) =>
      run.step('say', async () => {
        calls.push(name)
        return `hello ${name}`
      }),
  }
  platform.flows.register(flow)
  await platform.flows.launch()
  await platform.flows.start(flow, 'run-1', 'Ada')
  await platform.flows.start(flow, 'run-1', 'Ada')
  expect(await platform.flows.result('run-1')).toBe('hello Ada')
  expect(calls).toEqual(['Ada'])
  await platform.close()
})
