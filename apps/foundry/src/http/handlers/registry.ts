import type { Services } from '../../services.ts'
import { api } from '../router-base.ts'

export const connectionHandlers = ({ connections }: Services) => ({
  list: api.connections.list.handler(({ context }) => connections.list(context.principal)),
  create: api.connections.create.handler(({ context, input }) => connections.create(context.principal, input)),
  delete: api.connections.delete.handler(async ({ context, input }) => {
    await connections.delete(context.principal, input.name)
    return {}
  }),
})

export const modelPolicyHandlers = ({ models: { policy } }: Services) => ({
  get: api.modelPolicy.get.handler(() => policy.view()),
  replace: api.modelPolicy.replace.handler(({ context, input }) => policy.replace(context.principal, input.text)),
  waive: api.modelPolicy.waive.handler(({ context, input }) => policy.waive(context.principal, input)),
  removeWaiver: api.modelPolicy.removeWaiver.handler(({ context, input }) =>
    policy.takeWaiverBack(context.principal, input.name),
  ),
})

export const artifactHandlers = ({ models }: Services) => ({
  sweep: api.artifacts.sweep.handler(({ context, input }) => models.sweep(context.principal, input)),
})
