import type { Services } from '../../services.ts'
import { api } from '../router-base.ts'

export const modelHandlers = ({ models }: Services) => ({
  list: api.models.list.handler(({ context, input }) => models.list(context.principal, input)),
  register: api.models.register.handler(({ context, input }) => models.register(context.principal, input)),
  get: api.models.get.handler(({ context, input }) => models.get(context.principal, input.id)),
  update: api.models.update.handler(({ context, input: { id, ...change } }) =>
    models.update(context.principal, id, change),
  ),
  compare: api.models.compare.handler(({ context, input }) => models.compare(context.principal, input.models)),
  addVersion: api.models.addVersion.handler(({ context, input: { id, ...version } }) =>
    models.addVersion(context.principal, id, version),
  ),
  files: api.models.files.handler(({ context, input }) => models.files(context.principal, input)),
  rescan: api.models.rescan.handler(({ context, input }) => models.rescan(context.principal, input.id)),
  setAlias: api.models.setAlias.handler(({ context, input }) => models.setAlias(context.principal, input)),
  removeAlias: api.models.removeAlias.handler(async ({ context, input }) => {
    await models.removeAlias(context.principal, input)
    return {}
  }),
  archive: api.models.archive.handler(({ context, input }) => models.archive(context.principal, input.id)),
  restore: api.models.restore.handler(({ context, input }) => models.restore(context.principal, input.id)),
  deleteVersion: api.models.deleteVersion.handler(async ({ context, input }) => {
    await models.deleteVersion(context.principal, input.id, input.version)
    return {}
  }),
  delete: api.models.delete.handler(async ({ context, input }) => {
    await models.delete(context.principal, input.id)
    return {}
  }),
  importBenchmarks: api.models.importBenchmarks.handler(({ context, input }) =>
    models.importBenchmarks(context.principal, input),
  ),
})

export const uploadHandlers = ({ models: { uploads } }: Services) => ({
  create: api.uploads.create.handler(({ context }) => uploads.create(context.principal)),
  get: api.uploads.get.handler(({ context, input }) => uploads.get(context.principal, input.id)),
  beginFile: api.uploads.beginFile.handler(({ context, input }) => uploads.beginFile(context.principal, input)),
  completeFile: api.uploads.completeFile.handler(({ context, input }) =>
    uploads.completeFile(context.principal, input),
  ),
  delete: api.uploads.delete.handler(async ({ context, input }) => {
    await uploads.delete(context.principal, input.id)
    return {}
  }),
})
