/** The policy as text; what is wrong with it stands at its line. */
import type { ModelPolicy } from '@bud/contract'
import { Button, Group, Stack, Text } from '@mantine/core'
import { useState } from 'react'
import { LinedText } from '../../../components/lined-text.tsx'
import { Panel } from '../../../components/panel.tsx'
import { useReplacePolicy } from '../api/use-replace-policy.ts'
import { answeredProblems, lineRange, syntaxProblems } from '../prepare/problems.ts'
import { PolicyProblems } from './policy-problems.tsx'

const EDITOR = 'model-policy-text'

export function PolicyEditor({ policy }: { policy: ModelPolicy }) {
  const [text, setText] = useState(policy.text)
  const [sent, setSent] = useState<string>()
  const replace = useReplacePolicy()
  const syntax = syntaxProblems(text)
  // The server's word is about the text that it was sent.
  const answered = sent === text ? answeredProblems(text, replace.error) : []
  const problems = syntax.length > 0 ? syntax : answered
  const changed = text !== policy.text
  const save = () => {
    setSent(text)
    replace.mutate({ text })
  }
  return (
    <Panel
      title="Rules"
      note={`Kept in ${policy.described}. Saving judges every stored scan report anew.`}
      actions={
        <>
          {changed ? (
            <Button size="xs" variant="default" onClick={() => setText(policy.text)}>
              Undo changes
            </Button>
          ) : null}
          <Button size="xs" disabled={!changed || syntax.length > 0} loading={replace.isPending} onClick={save}>
            Save
          </Button>
        </>
      }
    >
      <Stack gap="sm">
        <PolicyProblems problems={problems} onShow={(line) => selectLine(text, line)} />
        <LinedText
          id={EDITOR}
          label="Model policy as YAML"
          value={text}
          onChange={setText}
          marked={problems.flatMap(({ line }) => (line === undefined ? [] : [line]))}
        />
        <Group gap={6}>
          <Text fz="sm" c="dimmed" role="status">
            {savedText(changed, replace.isSuccess)}
          </Text>
        </Group>
      </Stack>
    </Panel>
  )
}

const savedText = (changed: boolean, saved: boolean): string =>
  changed ? 'Not saved yet.' : saved ? 'Saved; reports are judged by it.' : ''

function selectLine(text: string, line: number): void {
  const field = document.getElementById(EDITOR)
  if (!(field instanceof HTMLTextAreaElement)) return
  const { start, end } = lineRange(text, line)
  field.focus()
  field.setSelectionRange(start, end)
}
