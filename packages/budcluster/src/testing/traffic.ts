/** People who talk to an endpoint all the while, as a gateway would send them: every failed request is noted. */
import { messageOf } from '@bud/kernel'
import type { FakeRoutePublisher } from './fake-route-publisher.ts'

const AT_ONCE = 6

export interface Traffic {
  stop(): Promise<{ answered: number; failures: string[] }>
}

export function startTraffic(publisher: FakeRoutePublisher, endpointId: string): Traffic {
  const failures: string[] = []
  let answered = 0
  let stopping = false
  const talk = async (person: number) => {
    for (let turn = 0; !stopping; turn++) {
      try {
        await ask(publisher, endpointId, person + turn)
        answered++
      } catch (error) {
        failures.push(messageOf(error))
        if (failures.length > 20) return
      }
    }
  }
  const people = Array.from({ length: AT_ONCE }, (_, person) => talk(person))
  return {
    async stop() {
      stopping = true
      await Promise.all(people)
      return { answered, failures }
    },
  }
}

async function ask(publisher: FakeRoutePublisher, endpointId: string, turn: number): Promise<void> {
  const upstreams = publisher.upstreamsOf(endpointId) ?? []
  const upstream = upstreams[turn % upstreams.length]
  if (!upstream) throw new Error('There is no upstream.')
  const count = (change: number) =>
    publisher.inFlight.set(upstream.id, (publisher.inFlight.get(upstream.id) ?? 0) + change)
  count(1)
  try {
    const response = await fetch(`${upstream.base_url}/v1/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        model: upstream.model,
        messages: [{ role: 'user', content: 'How are you?' }],
        max_tokens: 8,
      }),
    })
    const body = await response.text()
    if (!response.ok) throw new Error(`${upstream.id} answered ${response.status}: ${body.slice(0, 200)}`)
  } finally {
    count(-1)
  }
}
