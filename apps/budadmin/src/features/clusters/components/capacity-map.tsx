import type { Cluster } from '@bud/contract'
import { Tooltip } from '@mantine/core'
import { TextLink } from '../../../components/link.tsx'
import { plural } from '../../../prepare/format.ts'
import { type NodeRow, type Tenant, toCapacityMap } from '../prepare/capacity.ts'
import classes from './capacity-map.module.css'

export function CapacityMap({ cluster }: { cluster: Cluster }) {
  const { nodes, tenants } = toCapacityMap(cluster)
  const byId = new Map(tenants.map((tenant) => [tenant.endpointId, tenant]))
  return (
    <div>
      <ul className={classes.nodes} aria-label={`Nodes of ${cluster.name}`}>
        {nodes.map((node) => (
          <NodeLine key={node.name} node={node} tenants={byId} />
        ))}
      </ul>
      <ul className={classes.legend} aria-label="Colours">
        {tenants.map((tenant) => (
          <li key={tenant.endpointId}>
            <Square tenant={tenant} />
            <TextLink to="/endpoints/$endpointId" params={{ endpointId: tenant.endpointId }}>
              {tenant.name}
            </TextLink>
            <span className={classes.dim}>{plural(tenant.gpus, 'GPU')}</span>
          </li>
        ))}
        <li>
          <Square />
          <span className={classes.dim}>free</span>
        </li>
      </ul>
    </div>
  )
}

function NodeLine({ node, tenants }: { node: NodeRow; tenants: Map<string, Tenant> }) {
  return (
    <li className={classes.node}>
      <span className={classes.name}>
        {node.name}
        {node.ready ? null : <span className={classes.dim}> (not ready)</span>}
      </span>
      <span className={classes.type}>{node.gpuType}</span>
      <span className={classes.squares} aria-hidden>
        {node.squares.map((endpointId, gpu) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a GPU is its index on the node
          <Square key={gpu} tenant={endpointId ? tenants.get(endpointId) : undefined} label={`GPU ${gpu}`} />
        ))}
      </span>
      <span className={classes.free}>{node.total === 0 ? '' : `${node.free} free`}</span>
    </li>
  )
}

function Square({ tenant, label }: { tenant?: Tenant | undefined; label?: string }) {
  const square = (
    <span
      className={classes.square}
      data-used={tenant ? true : undefined}
      data-hatched={tenant?.hatched || undefined}
      style={tenant ? { ['--square' as string]: `var(--series-${tenant.series})` } : undefined}
    />
  )
  if (!label) return square
  return <Tooltip label={`${label}: ${tenant?.name ?? 'free'}`}>{square}</Tooltip>
}
