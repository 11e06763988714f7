import { Group, Text } from '@mantine/core'
import { Ago } from '../../../components/ago.tsx'
import { ButtonLink } from '../../../components/link.tsx'
import { Panel } from '../../../components/panel.tsx'
import { StatusIcon } from '../../../components/status.tsx'
import type { AttentionItem } from '../prepare/attention.ts'
import classes from './attention-list.module.css'

export function AttentionList({ items }: { items: readonly AttentionItem[] }) {
  return (
    <Panel>
      <ul className={classes.items} aria-label="Needs you now">
        {items.map((item) => (
          <li key={item.key} className={classes.item}>
            <StatusIcon tone={item.tone} size={18} />
            <div className={classes.text}>
              <Group gap="xs">
                <Text fw={600}>{item.subject}</Text>
                <Text fz="sm" c="dimmed">
                  <Ago at={item.since} />
                </Text>
              </Group>
              <Text>{item.message}</Text>
            </div>
            <Action item={item} />
          </li>
        ))}
      </ul>
    </Panel>
  )
}

function Action({ item: { action } }: { item: AttentionItem }) {
  const look = { size: 'xs', variant: 'default' } as const
  return action.to === 'endpoint' ? (
    <ButtonLink {...look} to="/endpoints/$endpointId" params={{ endpointId: action.id }}>
      {action.label}
    </ButtonLink>
  ) : (
    <ButtonLink {...look} to="/models/$modelId" params={{ modelId: action.id }}>
      {action.label}
    </ButtonLink>
  )
}
