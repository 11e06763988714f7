import { type ReactNode, useEffect, useRef, useState } from 'react'

export interface WideContentProps {
  className: string | undefined
  children: ReactNode
}

/** Tables that may be wider than the screen: a stop for the keyboard only while there is something to scroll. */
export function WideContent({ className, children }: WideContentProps) {
  const box = useRef<HTMLDivElement>(null)
  const [scrolls, setScrolls] = useState(false)
  useEffect(() => {
    const element = box.current
    if (!element) return
    const observer = new ResizeObserver(() => setScrolls(element.scrollWidth > element.clientWidth))
    observer.observe(element)
    for (const child of element.children) observer.observe(child)
    return () => observer.disconnect()
  }, [])
  return (
    <div ref={box} className={className} {...(scrolls ? { tabIndex: 0 } : {})}>
      {children}
    </div>
  )
}
