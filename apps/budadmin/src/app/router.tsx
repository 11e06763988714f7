/** The places of the dashboard. Pages are loaded when first visited; their filters live in the URL. */
import type { QueryClient } from '@tanstack/react-query'
import {
  createRootRouteWithContext,
  createRoute,
  createRouter,
  lazyRouteComponent,
  Outlet,
  redirect,
} from '@tanstack/react-router'
import { Problem } from '../components/problem-page.tsx'
import { alertsSearch } from '../features/alerts/prepare/search.ts'
import { deploySearch } from '../features/deploy/prepare/search.ts'
import { endpointSearch } from '../features/endpoints/prepare/search.ts'
import { HomePage } from '../features/home/home-page.tsx'
import { compareSearch, modelSearch, modelsSearch } from '../features/models/prepare/search.ts'
import { optimiseSearch, resultSearch } from '../features/optimise/prepare/search.ts'
import { meQuery } from '../features/session/api/me.ts'
import { signInSearch } from '../features/session/prepare/search.ts'
import { SignInPage } from '../features/session/sign-in-page.tsx'
import { isUnauthenticated } from '../prepare/problem.ts'
import { NotFound } from './not-found.tsx'
import { Shell } from './shell.tsx'

const root = createRootRouteWithContext<{ queries: QueryClient }>()({
  component: Outlet,
  notFoundComponent: NotFound,
})

const signIn = createRoute({
  getParentRoute: () => root,
  path: '/sign-in',
  validateSearch: signInSearch,
  component: SignInPage,
})

/** Everything for people who are signed in. */
const app = createRoute({
  getParentRoute: () => root,
  id: 'app',
  beforeLoad: async ({ context, location }) => {
    try {
      await context.queries.ensureQueryData(meQuery())
    } catch (error) {
      if (isUnauthenticated(error)) throw redirect({ to: '/sign-in', search: { next: `/ui${location.href}` } })
      throw error
    }
  },
  component: Shell,
  errorComponent: Problem,
})

const inApp = { getParentRoute: () => app } as const

const home = createRoute({ ...inApp, path: '/', component: HomePage })
const models = createRoute({
  ...inApp,
  path: '/models',
  validateSearch: modelsSearch,
  component: lazyRouteComponent(() => import('../features/models/models-page.tsx'), 'ModelsPage'),
})
const compare = createRoute({
  ...inApp,
  path: '/models/compare',
  validateSearch: compareSearch,
  component: lazyRouteComponent(() => import('../features/models/compare-page.tsx'), 'ComparePage'),
})
const model = createRoute({
  ...inApp,
  path: '/models/$modelId',
  validateSearch: modelSearch,
  component: lazyRouteComponent(() => import('../features/models/model-page.tsx'), 'ModelPage'),
})
const optimise = createRoute({
  ...inApp,
  path: '/optimise',
  validateSearch: optimiseSearch,
  component: lazyRouteComponent(() => import('../features/optimise/optimise-page.tsx'), 'OptimisePage'),
})
const result = createRoute({
  ...inApp,
  path: '/optimise/$optimizationId',
  validateSearch: resultSearch,
  component: lazyRouteComponent(() => import('../features/optimise/result-page.tsx'), 'ResultPage'),
})
const deploy = createRoute({
  ...inApp,
  path: '/deploy',
  validateSearch: deploySearch,
  component: lazyRouteComponent(() => import('../features/deploy/deploy-page.tsx'), 'DeployPage'),
})
const endpoints = createRoute({
  ...inApp,
  path: '/endpoints',
  component: lazyRouteComponent(() => import('../features/endpoints/endpoints-page.tsx'), 'EndpointsPage'),
})
const endpoint = createRoute({
  ...inApp,
  path: '/endpoints/$endpointId',
  validateSearch: endpointSearch,
  component: lazyRouteComponent(() => import('../features/endpoints/endpoint-page.tsx'), 'EndpointPage'),
})
const alerts = createRoute({
  ...inApp,
  path: '/alerts',
  validateSearch: alertsSearch,
  component: lazyRouteComponent(() => import('../features/alerts/alerts-page.tsx'), 'AlertsPage'),
})
const clusters = createRoute({
  ...inApp,
  path: '/clusters',
  component: lazyRouteComponent(() => import('../features/clusters/clusters-page.tsx'), 'ClustersPage'),
})
const settings = createRoute({
  ...inApp,
  path: '/settings',
  component: lazyRouteComponent(() => import('../features/settings/settings-page.tsx'), 'SettingsPage'),
})

const policy = createRoute({
  ...inApp,
  path: '/settings/model-policy',
  component: lazyRouteComponent(() => import('../features/model-policy/policy-page.tsx'), 'PolicyPage'),
})

const routeTree = root.addChildren([
  signIn,
  app.addChildren([
    home,
    models,
    compare,
    model,
    optimise,
    result,
    deploy,
    endpoints,
    endpoint,
    alerts,
    clusters,
    settings,
    policy,
  ]),
])

export const createAppRouter = (queries: QueryClient) =>
  createRouter({
    routeTree,
    basepath: '/ui',
    context: { queries },
    defaultPreload: 'intent',
    scrollRestoration: true,
    defaultErrorComponent: Problem,
  })

declare module '@tanstack/react-router' {
  interface Register {
    router: ReturnType<typeof createAppRouter>
  }
}
