/** The fakes keep the contracts that real adapters keep: what is tested over them holds for those. */

import { describeClusterDriver } from './cluster-driver.contract.ts'
import { FakeCluster } from './fake-cluster.ts'
import { FakeModelStaging } from './fake-model-staging.ts'
import { FakeRoutePublisher } from './fake-route-publisher.ts'
import { describeModelStaging } from './model-staging.contract.ts'
import { describeRoutePublisher } from './route-publisher.contract.ts'

describeClusterDriver('fake', async () => {
  const driver = await FakeCluster.start()
  return { driver, gpu_type: 'H100-SXM-80GB', close: () => driver.close() }
})

describeModelStaging('fake', async () => new FakeModelStaging())

describeRoutePublisher('fake', async () => {
  const publisher = new FakeRoutePublisher()
  return {
    publisher,
    project_id: 'project-1',
    upstreams: async (endpointId) => publisher.upstreamsOf(endpointId) ?? [],
    setInFlight: async (upstreamId, count) => {
      publisher.inFlight.set(upstreamId, count)
    },
  }
})
