/** Keeps the query cache in step with the server while the page is looked at. */
import { useQueryClient } from '@tanstack/react-query'
import { useEffect, useReducer, useState } from 'react'
import { changedKeys, type LiveEvent } from '../prepare/changed-keys.ts'
import { type LiveChange, type LiveStatus, nextLiveStatus, notYetLive } from '../prepare/live-status.ts'
import { followEvents } from './follow-events.ts'

/** Events of this span are answered together. */
const GATHER_MS = 120
/** A tab in the background gives its connection back: browsers allow six per server over all tabs. */
const HIDDEN_MS = 20_000

const reduce = (before: LiveStatus, change: LiveChange) => nextLiveStatus(before, change, Date.now())

export function useLive(): LiveStatus {
  const [status, dispatch] = useReducer(reduce, notYetLive)
  const watched = useWatched()
  const queries = useQueryClient()

  useEffect(() => {
    if (!watched) return
    const abort = new AbortController()
    let gathered: LiveEvent[] = []
    let timer: ReturnType<typeof setTimeout> | undefined
    const refresh = () => {
      timer = undefined
      for (const queryKey of changedKeys(gathered)) void queries.invalidateQueries({ queryKey })
      gathered = []
    }
    const follower = {
      onOpen: () => {
        dispatch('opened')
        void queries.invalidateQueries()
      },
      onEvent: (event: LiveEvent) => {
        gathered.push(event)
        timer ??= setTimeout(refresh, GATHER_MS)
      },
      onLost: () => dispatch('lost'),
    }
    void followEvents(follower, abort.signal)
    return () => {
      abort.abort()
      clearTimeout(timer)
      dispatch('paused')
    }
  }, [queries, watched])

  return status
}

/** false once the page has been hidden for a while; true again as soon as it is seen. */
function useWatched(): boolean {
  const [watched, setWatched] = useState(true)
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined
    const onChange = () => {
      clearTimeout(timer)
      if (document.visibilityState === 'visible') setWatched(true)
      else timer = setTimeout(() => setWatched(false), HIDDEN_MS)
    }
    document.addEventListener('visibilitychange', onChange)
    return () => {
      document.removeEventListener('visibilitychange', onChange)
      clearTimeout(timer)
    }
  }, [])
  return watched
}
