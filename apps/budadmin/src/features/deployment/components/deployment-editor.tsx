/** Form and YAML are two views of one document. */
import { Group, SegmentedControl, Stack } from '@mantine/core'
import { type ReactNode, useState } from 'react'
import { DeploymentForm } from './deployment-form.tsx'
import { YamlField } from './yaml-field.tsx'

export interface DeploymentEditorProps {
  text: string
  onChange: (text: string) => void
  gpuTypes: readonly string[]
  startWith: 'form' | 'yaml'
  /** Right of the switch. */
  extra?: ReactNode
}

export function DeploymentEditor({ text, onChange, gpuTypes, startWith, extra }: DeploymentEditorProps) {
  const [view, setView] = useState(startWith)
  return (
    <Stack gap="md">
      <Group justify="space-between">
        <SegmentedControl
          aria-label="Edit as"
          size="xs"
          data={[
            { value: 'form', label: 'Form' },
            { value: 'yaml', label: 'YAML' },
          ]}
          value={view}
          onChange={(value) => setView(value === 'form' ? 'form' : 'yaml')}
        />
        {extra}
      </Group>
      {view === 'form' ? (
        <DeploymentForm text={text} onChange={onChange} gpuTypes={gpuTypes} />
      ) : (
        <YamlField text={text} onChange={onChange} />
      )}
    </Stack>
  )
}
