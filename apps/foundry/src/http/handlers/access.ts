import type { Services } from '../../services.ts'
import { api } from '../router-base.ts'

export const tokenHandlers = ({ access }: Services) => ({
  list: api.tokens.list.handler(({ context }) => access.tokens.list(context.principal)),
  create: api.tokens.create.handler(({ context, input }) => access.tokens.create(context.principal, input)),
  revoke: api.tokens.revoke.handler(async ({ context, input }) => {
    await access.tokens.revoke(context.principal, input.id)
    return {}
  }),
})

export const signInLinkHandlers = ({ access }: Services) => ({
  create: api.signInLinks.create.handler(async ({ context }) => ({
    url: await access.createSignInLink(context.principal.email),
  })),
})

export const inferenceKeyHandlers = ({ traffic }: Services) => ({
  list: api.inferenceKeys.list.handler(({ context }) => traffic.keys.list(context.principal)),
  create: api.inferenceKeys.create.handler(({ context, input }) => traffic.keys.create(context.principal, input)),
  revoke: api.inferenceKeys.revoke.handler(async ({ context, input }) => {
    await traffic.keys.revoke(context.principal, input.id)
    return {}
  }),
})
