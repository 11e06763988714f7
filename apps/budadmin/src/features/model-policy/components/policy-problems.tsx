import { Button, Group, Stack, Text } from '@mantine/core'
import { StatusIcon } from '../../../components/status.tsx'
import type { PolicyProblem } from '../prepare/problems.ts'

export interface PolicyProblemsProps {
  problems: readonly PolicyProblem[]
  /** Goes to the line. */
  onShow: (line: number) => void
}

export function PolicyProblems({ problems, onShow }: PolicyProblemsProps) {
  if (problems.length === 0) return null
  return (
    <Stack gap="xs" role="alert" aria-label="Problems of the policy">
      {problems.map((problem) => (
        <Group key={`${problem.line}:${problem.message}`} gap="xs" wrap="nowrap" align="flex-start">
          <span style={{ paddingTop: 2 }}>
            <StatusIcon tone="bad" />
          </span>
          <div style={{ minWidth: 0, overflowWrap: 'anywhere' }}>
            <Text>
              <LineLink line={problem.line} onShow={onShow} />
              {problem.message}
            </Text>
            {problem.nextStep ? (
              <Text fz="sm" c="dimmed">
                {problem.nextStep}
              </Text>
            ) : null}
          </div>
        </Group>
      ))}
    </Stack>
  )
}

function LineLink({ line, onShow }: { line: number | undefined; onShow: (line: number) => void }) {
  if (line === undefined) return null
  return (
    <Button size="compact-sm" variant="default" mr={6} onClick={() => onShow(line)}>
      Line {line}
    </Button>
  )
}
