import { listWorkloadPresets } from '@bud/budsim'
import type { Services } from '../../services.ts'
import { api } from '../router-base.ts'

export const optimizationHandlers = ({ cluster: { optimizations } }: Services) => ({
  create: api.optimizations.create.handler(({ context, input }) => optimizations.create(context.principal, input)),
  list: api.optimizations.list.handler(({ context, input }) => optimizations.list(context.principal, input)),
  presets: api.optimizations.presets.handler(() => listWorkloadPresets()),
  get: api.optimizations.get.handler(({ context, input }) => optimizations.get(context.principal, input.id)),
  approve: api.optimizations.approve.handler(({ context, input: { id, ...approval } }) =>
    optimizations.approve(context.principal, id, approval),
  ),
  predict: api.optimizations.predict.handler(({ context, input }) => optimizations.predict(context.principal, input)),
})
