/** Does it answer, and how fast? */
import type { Endpoint } from '@bud/contract'
import { Text } from '@mantine/core'
import { EmptyState } from '../../../components/empty-state.tsx'
import { Panel } from '../../../components/panel.tsx'
import { takesTraffic } from '../../endpoints/prepare/summary.ts'
import { useChat } from '../api/use-chat.ts'
import { Composer } from './composer.tsx'
import { Conversation } from './conversation.tsx'
import classes from './playground.module.css'
import { Snippets } from './snippets.tsx'

export function Playground({ endpoint }: { endpoint: Endpoint }) {
  return (
    <div className={classes.columns}>
      <Panel
        title="Chat"
        note="Through the gateway, with a key named “dashboard” that is made for this browser session. Times are as this browser sees them."
      >
        {takesTraffic(endpoint) ? (
          <Chat endpoint={endpoint} />
        ) : (
          <EmptyState title="No replica serves yet">
            The endpoint is {endpoint.state.name}. Chat opens by itself once a replica is ready.
          </EmptyState>
        )}
      </Panel>
      <Panel title="From your program" note="Make a key for it under Settings.">
        <Snippets baseUrl={endpoint.gateway_url} model={endpoint.name} />
      </Panel>
    </div>
  )
}

function Chat({ endpoint }: { endpoint: Endpoint }) {
  const chat = useChat({ baseUrl: endpoint.gateway_url, model: endpoint.name })
  return (
    <>
      {chat.turns.length === 0 ? (
        <Text c="dimmed" className={classes.empty}>
          Ask something to see the answer stream in.
        </Text>
      ) : (
        <Conversation turns={chat.turns} pending={chat.pending} />
      )}
      <Composer
        pending={chat.pending}
        onSend={(text) => void chat.send(text)}
        onStop={chat.stop}
        onClear={chat.turns.length > 0 && !chat.pending ? chat.clear : undefined}
      />
    </>
  )
}
