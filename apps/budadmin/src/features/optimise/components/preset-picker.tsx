import { Button, Group, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { workloadPresetsQuery } from '../api/workload-presets.ts'
import { presetLabel, presetOf } from '../prepare/presets.ts'
import { toShapeFields } from '../prepare/request.ts'
import type { FieldsProps } from './optimise-form.tsx'

/** Usual loads that fill the fields; how much is asked stays as it is. Without an answer the fields do alone. */
export function PresetPicker({ form, onChange }: Pick<FieldsProps, 'form' | 'onChange'>) {
  const presets = useQuery(workloadPresetsQuery()).data
  if (!presets) return null
  const chosen = presetOf(form, presets)
  return (
    <div>
      <Group gap={6} role="group" aria-label="Usual loads">
        {presets.map((preset) => (
          <Button
            key={preset.name}
            size="xs"
            variant={preset === chosen ? 'light' : 'default'}
            aria-pressed={preset === chosen}
            onClick={() => onChange(toShapeFields(preset.workload))}
          >
            {presetLabel(preset)}
          </Button>
        ))}
      </Group>
      <Text fz="sm" c="dimmed" mt={6}>
        {chosen ? chosen.reason : 'Figures of your own; a usual load fills them in.'}
      </Text>
    </div>
  )
}
