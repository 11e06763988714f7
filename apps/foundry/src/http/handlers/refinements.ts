import type { Services } from '../../services.ts'
import { api } from '../router-base.ts'

export const observationHandlers = ({ advisor: { observations } }: Services) => ({
  import: api.observations.import.handler(({ context, input }) => observations.import(context.principal, input.rows)),
})

export const refinementHandlers = ({ advisor: { refinements } }: Services) => ({
  list: api.refinements.list.handler(({ context }) => refinements.list(context.principal)),
  activate: api.refinements.activate.handler(({ context, input }) =>
    refinements.activate(context.principal, input.number),
  ),
  deactivate: api.refinements.deactivate.handler(async ({ context }) => {
    await refinements.deactivate(context.principal)
    return {}
  }),
})
