/** Text with numbered lines; those with a problem are marked. */

import classes from './lined-text.module.css'
import { StatusIcon } from './status.tsx'

export interface LinedTextProps {
  label: string
  value: string
  onChange: (text: string) => void
  /** From 1. */
  marked: readonly number[]
  id?: string
}

export function LinedText({ label, value, onChange, marked, id }: LinedTextProps) {
  const lines = value.split('\n')
  return (
    <div className={classes.box}>
      <div className={classes.gutter} aria-hidden>
        {lines.map((_, index) => {
          const line = index + 1
          return (
            <div key={line} className={classes.number} data-marked={marked.includes(line) || undefined}>
              {marked.includes(line) ? <StatusIcon tone="bad" size={12} /> : null}
              {line}
            </div>
          )
        })}
      </div>
      <textarea
        id={id}
        className={classes.text}
        aria-label={label}
        aria-invalid={marked.length > 0 || undefined}
        rows={Math.max(12, lines.length)}
        spellCheck={false}
        value={value}
        onChange={(event) => onChange(event.currentTarget.value)}
      />
    </div>
  )
}
