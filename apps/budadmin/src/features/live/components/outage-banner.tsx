import { Group } from '@mantine/core'
import { StatusIcon } from '../../../components/status.tsx'
import { useNow } from '../../../components/use-now.ts'
import { type LiveStatus, outageText } from '../prepare/live-status.ts'
import classes from './outage-banner.module.css'

/** Above the page while the server is away; the page keeps what it last knew. */
export function OutageBanner({ status }: { status: LiveStatus }) {
  const text = outageText(status, useNow())
  return (
    <div role="status" className={classes.place}>
      {text ? (
        <Group gap="xs" wrap="nowrap" className={classes.banner}>
          <StatusIcon tone="warn" />
          {text}
        </Group>
      ) : null}
    </div>
  )
}
