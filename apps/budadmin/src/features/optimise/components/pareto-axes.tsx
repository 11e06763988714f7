import type { ParetoPoint, ParetoView } from '../prepare/pareto.ts'
import { type Frame, HEIGHT, leftOf, pixelsOf, topOf, toStairs } from '../prepare/pareto-frame.ts'
import classes from './pareto-chart.module.css'

export interface ParetoAxesProps {
  view: ParetoView
  frame: Frame
  width: number
  /** The point whose interval is drawn. */
  marked: number | undefined
}

export function ParetoAxes({ view, frame, width, marked }: ParetoAxesProps) {
  const { left, top, height } = frame
  const right = left + frame.width + frame.lane
  const point = marked === undefined ? undefined : view.points[marked]
  return (
    <svg width={width} height={HEIGHT} className={classes.axes} aria-hidden="true">
      {view.yTicks.map((tick) => (
        <g key={tick.label}>
          <line
            className={classes.grid}
            x1={left}
            x2={right}
            y1={topOf(tick.place, frame)}
            y2={topOf(tick.place, frame)}
          />
          <text x={left - 8} y={topOf(tick.place, frame)} textAnchor="end" dominantBaseline="middle">
            {tick.label}
          </text>
        </g>
      ))}
      {view.xTicks.map((tick) => (
        <text key={tick.label} x={leftOf(tick.place, frame)} y={top + height + 16} textAnchor="middle">
          {tick.label}
        </text>
      ))}
      <line className={classes.axis} x1={left} x2={right} y1={top + height} y2={top + height} />
      <text x={left + frame.width / 2} y={HEIGHT - 6} textAnchor="middle">
        {view.xTitle}
      </text>
      <text x={4} y={10} className={classes.yTitle}>
        {view.yTitle}
      </text>
      {view.hasLane ? <Lane frame={frame} /> : null}
      <path className={classes.stairs} d={toStairs(view.points, frame)} />
      {point ? <Interval point={point} frame={frame} /> : null}
    </svg>
  )
}

function Lane({ frame: { left, top, width, height, lane } }: { frame: Frame }) {
  return (
    <>
      <rect className={classes.lane} x={left + width} y={top} width={lane} height={height} />
      <text x={left + width + lane / 2} y={top + height + 16} textAnchor="middle">
        no price
      </text>
    </>
  )
}

function Interval({ point, frame }: { point: ParetoPoint; frame: Frame }) {
  if (point.low === undefined || point.high === undefined) return null
  const { left } = pixelsOf(point, frame)
  const [low, high] = [topOf(point.low, frame), topOf(point.high, frame)]
  return (
    <path className={classes.interval} d={`M${left - 5} ${low}h10M${left} ${low}V${high}M${left - 5} ${high}h10`} />
  )
}
