import { Textarea } from '@mantine/core'
import classes from './yaml-field.module.css'

/** The document as text. */
export function YamlField({ text, onChange }: { text: string; onChange: (text: string) => void }) {
  return (
    <Textarea
      aria-label="Deployment as YAML"
      autosize
      minRows={12}
      maxRows={28}
      spellCheck={false}
      value={text}
      onChange={(event) => onChange(event.currentTarget.value)}
      classNames={{ input: classes.input ?? '' }}
    />
  )
}
