import type { ComponentProps } from 'react'

export interface ScrollBoxProps extends ComponentProps<'section'> {
  'aria-label': string
}

/** A region with its own scroll bar, which the keyboard must be able to reach. */
export function ScrollBox(props: ScrollBoxProps) {
  // biome-ignore lint/a11y/noNoninteractiveTabindex: without it the keyboard cannot scroll (WCAG 2.1.1)
  return <section tabIndex={0} {...props} />
}
