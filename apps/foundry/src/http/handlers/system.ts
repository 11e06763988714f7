import type { Services } from '../../services.ts'
import { api } from '../router-base.ts'

export const systemHandlers = ({ systemInfo, platform }: Services) => ({
  info: api.system.info.handler(({ context }) => systemInfo(context.principal)),
  me: api.system.me.handler(({ context: { principal } }) => ({
    user_id: principal.user_id,
    name: principal.name,
    email: principal.email,
    project: { id: principal.project_id, name: principal.project_name },
    role: principal.role,
  })),
  events: api.system.events.handler(async function* ({ context, signal }) {
    const stop = signal ?? new AbortController().signal
    for await (const { type, id } of platform.events.subscribe(context.principal.project_id, stop)) yield { type, id }
  }),
})
