import type { Services } from '../../services.ts'
import { api } from '../router-base.ts'

export const modelHandlers = ({ models }: Services) => ({
  list: api.models.list.handler(({ context, input }) => models.list(context.principal, input)),
  register: api.models.register.handler(({ context, input }) => models.register(context.principal, input)),
  get: api.models.get.handler(({ context, input }) => models.get(context.principal, input.id)),
  rescan: api.models.rescan.handler(({ context, input }) => models.rescan(context.principal, input.id)),
  delete: api.models.delete.handler(async ({ context, input }) => {
    await models.delete(context.principal, input.id)
    return {}
  }),
})

export const uploadHandlers = ({ models }: Services) => ({
  create: api.uploads.create.handler(({ context }) => models.createUpload(context.principal)),
})
