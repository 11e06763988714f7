/** The dashboard's start: styles, query cache, router. */
import './app/without-eval.ts'
import './app/mantine-styles.ts'
import './app/app.css'
import { MantineProvider } from '@mantine/core'
import { QueryClientProvider } from '@tanstack/react-query'
import { RouterProvider } from '@tanstack/react-router'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { createQueryClient } from './app/query-client.ts'
import { createAppRouter } from './app/router.tsx'
import { cssVariables, theme } from './app/theme.ts'

const queries = createQueryClient(() => {
  if (router.state.location.pathname.endsWith('/sign-in')) return
  queries.removeQueries()
  void router.navigate({ to: '/sign-in', search: { next: `/ui${router.state.location.href}` } })
})
const router = createAppRouter(queries)

const place = document.getElementById('root')
if (!place) throw new Error('index.html has no element "root"')
createRoot(place).render(
  <StrictMode>
    <MantineProvider theme={theme} cssVariablesResolver={cssVariables} defaultColorScheme="auto">
      <QueryClientProvider client={queries}>
        <RouterProvider router={router} />
      </QueryClientProvider>
    </MantineProvider>
  </StrictMode>,
)
