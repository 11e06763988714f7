/** What everything that knows who uses a model keeps to. */
import { beforeEach, describe, expect, it } from 'vitest'
import type { ModelUsage, ModelUser } from '../ports.ts'

export interface UsageFixture {
  usage: ModelUsage
  /** Makes an endpoint of the project use the model. */
  use(projectId: string, modelId: string): Promise<ModelUser>
}

export function testModelUsage(name: string, create: () => Promise<UsageFixture>): void {
  describe(name, () => {
    let fixture: UsageFixture
    beforeEach(async () => {
      fixture = await create()
    })

    it('names every endpoint that uses a model', async () => {
      const users = [await fixture.use('project-a', 'model-x'), await fixture.use('project-a', 'model-x')]
      const found = await fixture.usage.usedBy('project-a', 'model-x')
      expect(found.toSorted(byId)).toEqual(users.toSorted(byId))
    })

    it('names nobody else: not of other models, not of other projects', async () => {
      await fixture.use('project-a', 'model-x')
      expect(await fixture.usage.usedBy('project-a', 'model-y')).toEqual([])
      expect(await fixture.usage.usedBy('project-b', 'model-x')).toEqual([])
    })
  })
}

const byId = (a: ModelUser, b: ModelUser): number => (a.endpoint_id < b.endpoint_id ? -1 : 1)
