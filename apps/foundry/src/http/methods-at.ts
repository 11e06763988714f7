/** Which methods a path of the contract answers to, for those who come with another one. */
import { contractRoutes } from '@bud/contract'

const routes = contractRoutes.map(({ method, path }) => ({
  method,
  path: new RegExp(`^${path.replace(/\{\w+\}/g, '[^/]+')}/?$`),
}))

export const methodsAt = (path: string): string[] =>
  routes.filter((route) => route.path.test(path)).map((route) => route.method)
