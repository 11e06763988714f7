/** Who may do what, where do models come from and by which rules, and is the system well? */
import { Stack, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { Ago } from '../../components/ago.tsx'
import { Facts } from '../../components/facts.tsx'
import { Loaded } from '../../components/loaded.tsx'
import { Page } from '../../components/page.tsx'
import { Panel } from '../../components/panel.tsx'
import { NONE } from '../../prepare/format.ts'
import { ConnectionsPanel } from '../connections/components/connections-panel.tsx'
import { PolicyPanel } from '../model-policy/components/policy-panel.tsx'
import { meQuery } from '../session/api/me.ts'
import { inferenceKeysQuery, tokensQuery } from './api/secrets.ts'
import { SecretsPanel } from './components/secrets-panel.tsx'
import { SystemPanel } from './components/system-panel.tsx'

export function SettingsPage() {
  const me = useQuery(meQuery()).data
  return (
    <Page
      title="Settings"
      answer="Access for programs, where models come from and by which rules, and how the system is."
    >
      <Stack gap="md">
        <Keys />
        <Tokens />
        <ConnectionsPanel />
        <PolicyPanel />
        {me ? (
          <Panel title="You">
            <Facts
              facts={[
                { label: 'Name', value: me.name },
                { label: 'E-mail', value: me.email },
                { label: 'Project', value: me.project.name },
                { label: 'Role', value: me.role },
              ]}
            />
          </Panel>
        ) : null}
        <SystemPanel />
      </Stack>
    </Page>
  )
}

function Keys() {
  const query = useQuery(inferenceKeysQuery())
  return (
    <Loaded query={query} height={140}>
      {(keys) => (
        <SecretsPanel
          kind="key"
          title="Inference keys"
          note="For programs that call models through the gateway."
          createLabel="Create key"
          lastColumn="Last used"
          rows={keys.map((key) => ({
            ...key,
            last: key.last_used_at ? <Ago at={key.last_used_at} /> : <Text c="dimmed">never</Text>,
          }))}
        />
      )}
    </Loaded>
  )
}

function Tokens() {
  const query = useQuery(tokensQuery())
  return (
    <Loaded query={query} height={140}>
      {(tokens) => (
        <SecretsPanel
          kind="token"
          title="API tokens"
          note="For programs that speak to this API in your name, such as bud in a pipeline."
          createLabel="Create token"
          lastColumn="Expires"
          rows={tokens.map((token) => ({
            ...token,
            last: token.expires_at ? new Date(token.expires_at).toLocaleDateString('en-GB') : NONE,
          }))}
        />
      )}
    </Loaded>
  )
}
