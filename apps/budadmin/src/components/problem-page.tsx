import { Container } from '@mantine/core'
import { useRouter } from '@tanstack/react-router'
import { ProblemAlert } from './problem-alert.tsx'

/** Where a page could not be shown at all. */
export function Problem({ error }: { error: unknown }) {
  const router = useRouter()
  return (
    <Container size="sm" py="xl" component="main">
      <ProblemAlert error={error} onRetry={() => void router.invalidate()} />
    </Container>
  )
}
