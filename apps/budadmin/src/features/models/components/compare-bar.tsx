import { Button, Group, Text } from '@mantine/core'
import { IconCompare } from '../../../components/icons.ts'
import { ButtonLink } from '../../../components/link.tsx'
import { MOST_COMPARED } from '../prepare/search.ts'
import classes from './compare-bar.module.css'

/** Follows the list while something is chosen. */
export function CompareBar({ chosen, onClear }: { chosen: readonly string[]; onClear: () => void }) {
  if (chosen.length === 0) return null
  const enough = chosen.length > 1
  return (
    <section className={classes.bar} aria-label="Comparison">
      <Text role="status">
        {chosen.length} of {MOST_COMPARED} chosen
        {enough ? '' : '; one more to compare'}
      </Text>
      <Group gap="xs">
        <Button variant="default" size="xs" onClick={onClear}>
          Clear
        </Button>
        <ButtonLink
          to="/models/compare"
          search={{ models: chosen.join(',') }}
          size="xs"
          leftSection={<IconCompare size={14} />}
          disabled={!enough}
          aria-disabled={!enough}
        >
          Compare
        </ButtonLink>
      </Group>
    </section>
  )
}
