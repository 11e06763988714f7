import type { Services } from '../../services.ts'
import { api } from '../router-base.ts'

export const clusterHandlers = ({ cluster: { clusters }, gpus }: Services) => ({
  list: api.clusters.list.handler(({ context }) => clusters.list(context.principal)),
  get: api.clusters.get.handler(({ context, input }) => clusters.get(context.principal, input.id)),
  create: api.clusters.create.handler(({ context, input }) => clusters.create(context.principal, input)),
  update: api.clusters.update.handler(({ context, input: { id, ...change } }) =>
    clusters.update(context.principal, id, change),
  ),
  delete: api.clusters.delete.handler(async ({ context, input }) => {
    await clusters.delete(context.principal, input.id)
    return {}
  }),
  gpus: api.clusters.gpus.handler(() => gpus.list()),
})
