import type { ModelSummary } from '@bud/contract'
import { Text } from '@mantine/core'
import { Status, type StatusProps } from '../../../components/status.tsx'
import { modelTone } from '../../../prepare/states.ts'

type ModelStatusProps = Pick<ModelSummary, 'state' | 'has_files'> & Pick<StatusProps, 'size'> & { since?: boolean }

/** The version's state; a catalogue entry has no files, so it is neither clean nor unclean. */
export function ModelStatus({ state, has_files, size, since = false }: ModelStatusProps) {
  const shown = size ? { size } : {}
  if (!has_files && state.name === 'available') return <Text c="dimmed">no files</Text>
  return <Status tone={modelTone(state.name)} word={state.name} since={since ? state.since : undefined} {...shown} />
}
