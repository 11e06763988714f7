/** A line over time: measured solid, predicted dashed, threshold as a thin line, gaps as gaps. */
import { useComputedColorScheme } from '@mantine/core'
import { useElementSize } from '@mantine/hooks'
import { useEffect, useRef } from 'react'
import uPlot from 'uplot'
import 'uplot/dist/uPlot.min.css'
import type { ChartView } from '../prepare/chart.ts'
import { type ChartColours, toOptions } from '../prepare/options.ts'

export interface TimeSeriesProps {
  view: ChartView
  /** The index of the point under the shared cursor, or null. */
  onHover: (index: number | null) => void
}

const HEIGHT = 150

export function TimeSeries({ view, onHover }: TimeSeriesProps) {
  const { ref, width } = useElementSize()
  const host = useRef<HTMLDivElement>(null)
  const scheme = useComputedColorScheme('light')
  const hover = useRef(onHover)
  hover.current = onHover

  // biome-ignore lint/correctness/useExhaustiveDependencies: a new colour scheme needs new colours
  useEffect(() => {
    if (!host.current || width === 0) return
    const options = toOptions(view, readColours(host.current), { width, height: HEIGHT }, (index) =>
      hover.current(index),
    )
    const plot = new uPlot(options, [view.times, view.values], host.current)
    return () => plot.destroy()
  }, [view, width, scheme])

  return (
    <div ref={ref} style={{ height: HEIGHT }}>
      <div ref={host} role="img" aria-label={view.summary} />
    </div>
  )
}

function readColours(element: Element): ChartColours {
  const style = getComputedStyle(element)
  const read = (name: string) => style.getPropertyValue(name).trim()
  return {
    line: read('--series-1'),
    text: read('--mantine-color-dimmed'),
    grid: read('--bud-line'),
    threshold: read('--bud-bad'),
    predicted: read('--series-3'),
  }
}
