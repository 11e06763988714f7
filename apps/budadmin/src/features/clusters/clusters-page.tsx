/** What is free, what is broken? */

import type { Cluster } from '@bud/contract'
import { Button, Stack } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { useQuery } from '@tanstack/react-query'
import { EmptyState } from '../../components/empty-state.tsx'
import { IconPlus } from '../../components/icons.ts'
import { Loaded } from '../../components/loaded.tsx'
import { Page } from '../../components/page.tsx'
import { Panel } from '../../components/panel.tsx'
import { plural } from '../../prepare/format.ts'
import { clustersQuery } from './api/clusters.ts'
import { AddClusterDialog } from './components/add-cluster-dialog.tsx'
import { ClusterPanel } from './components/cluster-panel.tsx'

export function ClustersPage() {
  const query = useQuery(clustersQuery())
  const [adding, dialog] = useDisclosure(false)
  return (
    <Page
      title="Clusters"
      answer={query.data ? describe(query.data) : 'Where endpoints run.'}
      actions={
        <Button leftSection={<IconPlus size={16} />} onClick={dialog.open}>
          Add simulated cluster
        </Button>
      }
    >
      <Loaded query={query} height={320}>
        {(clusters) =>
          clusters.length === 0 ? (
            <Panel>
              <EmptyState title="No clusters">Add a simulated one to try the whole workflow without a GPU.</EmptyState>
            </Panel>
          ) : (
            <Stack gap="md">
              {clusters.map((cluster) => (
                <ClusterPanel key={cluster.id} cluster={cluster} />
              ))}
            </Stack>
          )
        }
      </Loaded>
      <AddClusterDialog opened={adding} onClose={dialog.close} />
    </Page>
  )
}

function describe(clusters: readonly Cluster[]): string {
  const gpus = clusters.flatMap((cluster) => cluster.gpus)
  const free = gpus.reduce((sum, gpu) => sum + gpu.free, 0)
  const total = gpus.reduce((sum, gpu) => sum + gpu.total, 0)
  const lost = clusters.filter((cluster) => cluster.state === 'unreachable').length
  const broken = lost === 0 ? '' : ` ${plural(lost, 'cluster')} not reachable.`
  return `${free} of ${plural(total, 'GPU')} free on ${plural(clusters.length, 'cluster')}.${broken}`
}
