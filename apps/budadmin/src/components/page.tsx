/** A page answers one question: its answer stands at the top, in words. */
import { Group, Stack, Text, Title } from '@mantine/core'
import { useDocumentTitle } from '@mantine/hooks'
import type { ReactNode } from 'react'

export interface PageProps {
  title: string
  /** Above the title, e.g. where this page belongs. */
  above?: ReactNode
  /** The answer, in words and numbers. */
  answer?: ReactNode
  actions?: ReactNode
  children: ReactNode
}

export function Page({ title, above, answer, actions, children }: PageProps) {
  useDocumentTitle(`${title} · Bud AI Foundry`)
  return (
    <Stack gap="md">
      <Group justify="space-between" align="flex-start" gap="sm">
        <div style={{ minWidth: 0, flex: '1 1 320px' }}>
          {above ? (
            <Text fz="sm" c="dimmed" component="div">
              {above}
            </Text>
          ) : null}
          <Title order={1} style={{ overflowWrap: 'anywhere' }}>
            {title}
          </Title>
          {answer ? (
            <Text c="dimmed" mt={2} component="div">
              {answer}
            </Text>
          ) : null}
        </div>
        {actions ? <Group gap="xs">{actions}</Group> : null}
      </Group>
      {children}
    </Stack>
  )
}
