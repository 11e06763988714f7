/** Explains the one-time link, turns its token into a session, and says why a link did not work. */
import { Anchor, Center, Code, Paper, Stack, Text, Title } from '@mantine/core'
import { useDocumentTitle } from '@mantine/hooks'
import { useQuery } from '@tanstack/react-query'
import { getRouteApi, Navigate } from '@tanstack/react-router'
import { useEffect } from 'react'
import { CopyText } from '../../components/copy-text.tsx'
import { Logo } from '../../components/logo.tsx'
import { StatusIcon } from '../../components/status.tsx'
import { meQuery } from './api/me.ts'
import { type SignInSearch, safeNext, toSignInProblem, toVerifyUrl } from './prepare/sign-in.ts'

const route = getRouteApi('/sign-in')

export function SignInPage() {
  useDocumentTitle('Sign in · Bud AI Foundry')
  const search = route.useSearch()
  const { token, next } = search
  const me = useQuery({ ...meQuery(), staleTime: 0, enabled: !token })

  useEffect(() => {
    if (token) globalThis.location.replace(toVerifyUrl(token, next))
  }, [token, next])

  if (me.data) return <Navigate to={safeNext(next)} replace />
  return (
    <Center mih="100dvh" p="md" component="main">
      <Paper p="xl" maw={480} w="100%" withBorder bg="var(--bud-surface)">
        <Stack gap="md">
          <Logo />
          <Title order={1}>{token ? 'Signing you in …' : 'Sign in'}</Title>
          <SignInProblem search={search} />
          {token ? null : <Explanation />}
        </Stack>
      </Paper>
    </Center>
  )
}

function SignInProblem({ search }: { search: SignInSearch }) {
  const problem = toSignInProblem(search)
  if (!problem) return null
  return (
    <Text role="alert" component="div" style={{ display: 'flex', gap: 8 }}>
      <span style={{ paddingTop: 2 }}>
        <StatusIcon tone="warn" />
      </span>
      {problem}
    </Text>
  )
}

function Explanation() {
  return (
    <Stack gap="sm">
      <Text>
        There are no passwords here. Open the one-time link that <Code>npm start</Code> printed in its terminal; this
        page goes on by itself.
      </Text>
      <div>
        <Text>Is the link gone or used? Make a new one where Foundry runs:</Text>
        <CopyText value="npx bud sign-in-link" label="Copy command" />
      </div>
      <Text c="dimmed" fz="sm">
        Programs use a token instead: see the{' '}
        <Anchor href="/reference" underline="always">
          API reference
        </Anchor>
        .
      </Text>
    </Stack>
  )
}
