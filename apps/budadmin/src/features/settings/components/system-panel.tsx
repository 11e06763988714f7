import type { SystemInfo } from '@bud/contract'
import { Anchor, Stack } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { CopyText } from '../../../components/copy-text.tsx'
import { Facts } from '../../../components/facts.tsx'
import { Loaded } from '../../../components/loaded.tsx'
import { Panel } from '../../../components/panel.tsx'
import { ReasonList } from '../../../components/reason-list.tsx'
import { systemQuery } from '../api/secrets.ts'

export function SystemPanel() {
  const query = useQuery(systemQuery())
  return (
    <Panel title="System">
      <Loaded query={query}>{(system) => <SystemView system={system} />}</Loaded>
    </Panel>
  )
}

function SystemView({ system }: { system: SystemInfo }) {
  return (
    <Stack gap="md">
      <Facts
        facts={[
          { label: 'Version', value: system.version },
          { label: 'Database', value: system.database === 'pglite' ? 'PGlite, in process' : 'PostgreSQL' },
          ...(system.data_dir ? [{ label: 'State folder', wide: true, value: system.data_dir }] : []),
          { label: 'OpenAI API', wide: true, value: <CopyText value={system.gateway_url} label="Copy address" /> },
          {
            label: 'This API',
            value: (
              <Anchor href="/reference" target="_blank" rel="noreferrer">
                Reference
              </Anchor>
            ),
          },
        ]}
      />
      <Checks checks={system.checks} />
    </Stack>
  )
}

function Checks({ checks }: { checks: SystemInfo['checks'] }) {
  const toReason = (check: SystemInfo['checks'][number]) => ({
    code: check.name,
    message: `${check.name}: ${check.message}`,
    ...(check.next_step ? { next_step: check.next_step } : {}),
  })
  return (
    <Stack gap="xs">
      <ReasonList reasons={checks.filter((check) => !check.ok).map(toReason)} tone="warn" />
      <ReasonList reasons={checks.filter((check) => check.ok).map(toReason)} tone="good" />
    </Stack>
  )
}
