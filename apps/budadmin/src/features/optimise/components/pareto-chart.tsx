/**
 * A scatter of few points, drawn without a library: axes as SVG, the points as radio buttons over it, so that keyboard
 * and screen readers have them as what they are. Predicted, hence outlined and dashed.
 */
import { Tooltip } from '@mantine/core'
import { useElementSize } from '@mantine/hooks'
import { useState } from 'react'
import type { ParetoPoint, ParetoView } from '../prepare/pareto.ts'
import { type Frame, HEIGHT, pixelsOf, toFrame } from '../prepare/pareto-frame.ts'
import { ParetoAxes } from './pareto-axes.tsx'
import classes from './pareto-chart.module.css'

export interface ParetoChartProps {
  view: ParetoView
  chosen: number | undefined
  onChoose: (point: number) => void
}

export function ParetoChart({ view, chosen, onChoose }: ParetoChartProps) {
  const { ref, width } = useElementSize()
  const [hovered, setHovered] = useState<number>()
  const frame = toFrame(width, view.hasLane)
  return (
    <div ref={ref} className={classes.chart} style={{ height: HEIGHT }} role="radiogroup" aria-label={view.summary}>
      {width > 0 ? (
        <>
          <ParetoAxes view={view} frame={frame} width={width} marked={hovered ?? chosen} />
          {view.points.map((point) => (
            <Point
              key={point.index}
              point={point}
              frame={frame}
              chosen={point.index === chosen}
              onChoose={() => onChoose(point.index)}
              onHover={(over) => setHovered(over ? point.index : undefined)}
            />
          ))}
        </>
      ) : null}
    </div>
  )
}

interface PointProps {
  point: ParetoPoint
  frame: Frame
  chosen: boolean
  onChoose: () => void
  onHover: (over: boolean) => void
}

function Point({ point, frame, chosen, onChoose, onHover }: PointProps) {
  const { left, top } = pixelsOf(point, frame)
  return (
    <>
      <Tooltip label={<PointTip point={point} />} events={{ hover: true, focus: true, touch: false }} openDelay={0}>
        <input
          type="radio"
          name="pareto-point"
          className={classes.point}
          data-recommended={point.recommended || undefined}
          data-edge={point.edge || undefined}
          style={{ left, top }}
          checked={chosen}
          aria-label={`${point.recommended ? 'Recommended: ' : ''}${point.name}, ${point.cost}, ${point.figure}`}
          onChange={onChoose}
          onMouseEnter={() => onHover(true)}
          onMouseLeave={() => onHover(false)}
          onFocus={() => onHover(true)}
          onBlur={() => onHover(false)}
        />
      </Tooltip>
      {point.recommended ? (
        <span className={classes.label} style={{ left, top }} data-low={point.y < 0.12 || undefined} aria-hidden>
          recommended
        </span>
      ) : null}
    </>
  )
}

function PointTip({ point }: { point: ParetoPoint }) {
  return (
    <>
      <b>{point.name}</b>
      <br />
      {point.cost}
      <br />
      {point.figure}
      <br />
      {point.throughput} tokens/s at most
    </>
  )
}
