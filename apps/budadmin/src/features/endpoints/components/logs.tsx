import { useQuery } from '@tanstack/react-query'
import { useEffect, useRef } from 'react'
import { EmptyState } from '../../../components/empty-state.tsx'
import { Loaded } from '../../../components/loaded.tsx'
import { Panel } from '../../../components/panel.tsx'
import { ScrollBox } from '../../../components/scroll-box.tsx'
import { LOG_LINES, logsQuery } from '../api/logs.ts'
import classes from './logs.module.css'

type Line = { replica_id: string; line: string }

export function Logs({ endpointId }: { endpointId: string }) {
  const query = useQuery(logsQuery(endpointId))
  return (
    <Panel title="Logs" note={`The engines' last ${LOG_LINES} lines, renewed every 3 s while this tab is open.`}>
      <Loaded query={query} height={400}>
        {(lines) => (lines.length === 0 ? <EmptyState title="No log lines yet" /> : <Tail lines={lines} />)}
      </Loaded>
    </Panel>
  )
}

/** Stays at the end as long as the reader is there. */
function Tail({ lines }: { lines: readonly Line[] }) {
  const box = useRef<HTMLElement>(null)
  const atEnd = useRef(true)
  // biome-ignore lint/correctness/useExhaustiveDependencies: follows the lines
  useEffect(() => {
    if (atEnd.current && box.current) box.current.scrollTop = box.current.scrollHeight
  }, [lines])
  return (
    <ScrollBox
      ref={box}
      className={classes.tail}
      aria-label="Log lines"
      onScroll={({ currentTarget: at }) => {
        atEnd.current = at.scrollHeight - at.scrollTop - at.clientHeight < 24
      }}
    >
      {lines.map(({ replica_id, line }, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: lines have no identity of their own
        <span key={index} className={classes.line}>
          <span className={classes.replica}>{replica_id}</span> {line}
          {'\n'}
        </span>
      ))}
    </ScrollBox>
  )
}
