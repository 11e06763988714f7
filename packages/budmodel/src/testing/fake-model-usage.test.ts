import { FakeModelUsage } from './fake-model-usage.ts'
import { testModelUsage } from './model-usage.contract.ts'

testModelUsage('fake model usage', async () => {
  const usage = new FakeModelUsage()
  let count = 0
  return {
    usage,
    async use(projectId, modelId) {
      const user = { endpoint_id: `ep-${++count}`, endpoint_name: `endpoint-${count}`, version_id: 'mver-1' }
      usage.use(projectId, modelId, user)
      return user
    },
  }
})
