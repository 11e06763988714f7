import type { Endpoint } from '@bud/contract'
import { Text, Title } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import { Status } from '../../../components/status.tsx'
import { endpointTone } from '../../../prepare/states.ts'
import { gpusText, replicasText } from '../../endpoints/prepare/summary.ts'
import classes from './endpoint-tiles.module.css'

export function EndpointTiles({ endpoints }: { endpoints: readonly Endpoint[] }) {
  return (
    <section>
      <Title order={2} mb="xs">
        Endpoints
      </Title>
      <ul className={classes.tiles}>
        {endpoints.map((endpoint) => (
          <li key={endpoint.id}>
            <Link to="/endpoints/$endpointId" params={{ endpointId: endpoint.id }} className={classes.tile}>
              <Text fw={600} truncate>
                {endpoint.name}
              </Text>
              <Status
                tone={endpointTone(endpoint.state.name)}
                word={endpoint.state.name}
                since={endpoint.state.since}
              />
              <Text fz="sm" c="dimmed" mt={6}>
                {replicasText(endpoint)}
              </Text>
              <Text fz="sm" c="dimmed">
                {gpusText(endpoint)} on {endpoint.cluster.name}
              </Text>
            </Link>
          </li>
        ))}
      </ul>
    </section>
  )
}
