import { Button, Group, Paper, Stack, Text } from '@mantine/core'
import { headlineOf, type Problem, toProblem } from '../prepare/problem.ts'
import { PlainWords } from './plain-words.tsx'
import classes from './problem-alert.module.css'
import { ReasonList } from './reason-list.tsx'
import { StatusIcon } from './status.tsx'

/** What went wrong, every reason at once, and the way to try again. */
export function ProblemAlert({ error, onRetry }: { error: unknown; onRetry?: (() => void) | undefined }) {
  return <ProblemBox problem={toProblem(error)} onRetry={onRetry} />
}

/** The same of a problem that was read before. */
export function ProblemBox({ problem, onRetry }: { problem: Problem; onRetry?: (() => void) | undefined }) {
  const headline = headlineOf(problem)
  return (
    <Paper role="alert" className={classes.problem}>
      <Stack gap="xs">
        {headline ? (
          <Group gap="xs" wrap="nowrap" align="flex-start">
            <span style={{ paddingTop: 2 }}>
              <StatusIcon tone="bad" />
            </span>
            <Text fw={500} style={{ overflowWrap: 'anywhere' }}>
              <PlainWords said={headline} />
            </Text>
          </Group>
        ) : null}
        {problem.reasons.length > 0 ? <ReasonList reasons={problem.reasons} tone="bad" /> : null}
        {onRetry ? (
          <Button size="xs" variant="default" onClick={onRetry} style={{ alignSelf: 'flex-start' }}>
            Try again
          </Button>
        ) : null}
      </Stack>
    </Paper>
  )
}
