import type { ReactNode } from 'react'
import classes from './tag.module.css'

/** A quiet label beside a name. */
export function Tag({ children, accent = false }: { children: ReactNode; accent?: boolean }) {
  return (
    <span className={classes.tag} data-accent={accent || undefined}>
      {children}
    </span>
  )
}
