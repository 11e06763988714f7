import { Container } from '@mantine/core'
import { EmptyState } from '../components/empty-state.tsx'
import { ButtonLink } from '../components/link.tsx'

export function NotFound() {
  return (
    <Container size="sm" py="xl" component="main">
      <EmptyState title="There is no such page" action={<ButtonLink to="/">Go home</ButtonLink>}>
        The address may be mistyped, or what it showed is gone.
      </EmptyState>
    </Container>
  )
}
