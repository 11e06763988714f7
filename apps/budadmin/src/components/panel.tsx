import { Group, Paper, Text, Title } from '@mantine/core'
import type { ReactNode } from 'react'
import classes from './panel.module.css'
import { WideContent } from './wide-content.tsx'

export interface PanelProps {
  title?: ReactNode
  /** One line under the title. */
  note?: ReactNode
  actions?: ReactNode
  children?: ReactNode
  /** For tables and lists that reach the edges. */
  flush?: boolean
  id?: string
}

function Body({ flush, children }: { flush: boolean; children: ReactNode }) {
  return flush ? (
    <WideContent className={classes.body}>{children}</WideContent>
  ) : (
    <div className={classes.body}>{children}</div>
  )
}

/** The one kind of box that pages are made of. */
export function Panel({ title, note, actions, children, flush = false, id }: PanelProps) {
  return (
    <Paper component="section" id={id} className={classes.panel} data-flush={flush || undefined}>
      {title || actions ? (
        <Group justify="space-between" wrap="nowrap" align="flex-start" className={classes.head}>
          <div style={{ minWidth: 0 }}>
            {title ? <Title order={2}>{title}</Title> : null}
            {note ? (
              <Text c="dimmed" fz="sm">
                {note}
              </Text>
            ) : null}
          </div>
          {actions ? (
            <Group gap="xs" wrap="nowrap">
              {actions}
            </Group>
          ) : null}
        </Group>
      ) : null}
      {children ? <Body flush={flush}>{children}</Body> : null}
    </Paper>
  )
}
