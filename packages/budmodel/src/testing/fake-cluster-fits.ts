import { type ModelFacts, notFound } from '@bud/kernel'
import type { ClusterFit, ClusterFits } from '../ports.ts'

/** Clusters that take models up to a number of parameters. */
export class FakeClusterFits implements ClusterFits {
  readonly largest = new Map<string, number>()

  async of(_projectId: string, facts: ModelFacts): Promise<ClusterFit[]> {
    return [...this.largest].map(([name, largest]) => {
      const fits = facts.parameter_count <= largest
      const place = fits ? { gpu_type: 'H100-SXM-80GB', gpu_count: 1 } : { gpu_type: null, gpu_count: null }
      return { cluster_id: `cluster-${name}`, cluster_name: name, fits, fits_now: fits, ...place }
    })
  }

  async on(_projectId: string, cluster: string, facts: readonly ModelFacts[]): Promise<boolean[]> {
    const largest = this.largest.get(cluster)
    if (largest === undefined) throw notFound('cluster', cluster)
    return facts.map(({ parameter_count }) => parameter_count <= largest)
  }
}
