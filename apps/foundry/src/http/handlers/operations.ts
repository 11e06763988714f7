import { notFound } from '@bud/kernel'
import type { BudEvent, Operation } from '@bud/platform'
import type { Services } from '../../services.ts'
import { api } from '../router-base.ts'

export const operationHandlers = ({ platform }: Services) => {
  const find = async (projectId: string, id: string): Promise<Operation> => {
    const operation = await platform.operations.find(projectId, id)
    if (!operation) throw notFound('operation', id, 'GET /operations lists them.')
    return operation
  }
  return {
    list: api.operations.list.handler(({ context, input }) =>
      platform.operations.list(context.principal.project_id, input),
    ),
    get: api.operations.get.handler(({ context, input }) => find(context.principal.project_id, input.id)),
    /** Found before the stream begins, so that an unknown one is a plain 404; subscribed before that, so that no change is missed. */
    events: api.operations.events.handler(async ({ context, input: { id }, signal }) => {
      const { project_id } = context.principal
      const stop = new AbortController()
      signal?.addEventListener('abort', () => stop.abort(), { once: true })
      const changes = platform.events.subscribe(project_id, stop.signal)
      const ask = () => find(project_id, id)
      try {
        return follow(await ask(), changes, ask, stop)
      } catch (error) {
        stop.abort()
        throw error
      }
    }),
  }
}

/** The operation at each change, until it ends; then `stop` ends the subscription. */
async function* follow(
  first: Operation,
  changes: AsyncIterable<BudEvent>,
  ask: () => Promise<Operation>,
  stop: AbortController,
) {
  try {
    yield first
    if (first.state !== 'running') return
    for await (const event of changes) {
      if (event.type !== 'operation.changed' || event.id !== first.id) continue
      const operation = await ask()
      yield operation
      if (operation.state !== 'running') return
    }
  } finally {
    stop.abort()
  }
}
