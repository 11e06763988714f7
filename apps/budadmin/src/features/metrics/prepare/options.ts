/** What uPlot is told: axes, one solid line for the measurement, the predicted interval under it, and the marks over it. */
import type uPlot from 'uplot'
import { formatMetric } from '../../../prepare/metrics.ts'
import { formatClock } from '../../../prepare/time.ts'
import { type ChartView, isolatedPoints, toScale } from './chart.ts'

export interface ChartColours {
  line: string
  text: string
  grid: string
  threshold: string
  predicted: string
}

export interface ChartSize {
  width: number
  height: number
}

/** All charts of a page share one cursor. */
const CURSOR = 'endpoint-metrics'

export function toOptions(
  view: ChartView,
  colours: ChartColours,
  size: ChartSize,
  onHover: (index: number | null) => void,
): uPlot.Options {
  const { max, marks } = toScale(view)
  const axis = { stroke: colours.text, font: '11px system-ui, sans-serif', ticks: { show: false } }
  return {
    ...size,
    padding: [8, 18, 0, 0],
    legend: { show: false },
    cursor: { sync: { key: CURSOR }, y: false, points: { size: 6 }, drag: { x: false, y: false } },
    scales: { x: { time: true, range: [view.fromS, view.toS] }, y: { range: [0, max] } },
    axes: [
      {
        ...axis,
        grid: { show: false },
        size: 26,
        space: 80,
        values: (_plot, times) => times.map((time) => formatClock(time).slice(0, 5)),
      },
      {
        ...axis,
        grid: { stroke: colours.grid, width: 1 },
        size: 66,
        space: 34,
        values: (_plot, values) => values.map((value) => shortLabel(view, value)),
      },
    ],
    series: [
      {},
      {
        stroke: colours.line,
        width: 2,
        spanGaps: false,
        points: { show: true, size: 6, fill: colours.line, filter: () => isolatedPoints(view.values) },
      },
    ],
    hooks: {
      setCursor: [(plot) => onHover(plot.cursor.idx ?? null)],
      drawClear: [
        (plot) => {
          if (view.predicted?.band && marks.predicted) drawBand(plot, view.predicted.band, colours.predicted)
        },
      ],
      draw: [
        (plot) => {
          if (view.threshold && marks.threshold) drawMark(plot, view.threshold.value, colours.threshold, [])
          if (view.predicted && marks.predicted) drawMark(plot, view.predicted.value, colours.predicted, [5, 4])
        },
      ],
    },
  }
}

/** Axis labels without the unit's long words. */
function shortLabel(view: ChartView, value: number): string {
  return formatMetric(view.metric, value).replace(/ (tokens\/s|requests)$/, '')
}

/** Under everything else: the predicted interval. */
function drawBand(plot: uPlot, { low, high }: { low: number; high: number }, colour: string): void {
  const { ctx, bbox } = plot
  const top = Math.max(bbox.top, plot.valToPos(high, 'y', true))
  const bottom = Math.min(bbox.top + bbox.height, plot.valToPos(low, 'y', true))
  ctx.save()
  ctx.globalAlpha = 0.16
  ctx.fillStyle = colour
  ctx.fillRect(bbox.left, top, bbox.width, bottom - top)
  ctx.restore()
}

function drawMark(plot: uPlot, value: number, colour: string, dash: number[]): void {
  const { ctx, bbox } = plot
  const y = Math.round(plot.valToPos(value, 'y', true))
  ctx.save()
  ctx.beginPath()
  ctx.strokeStyle = colour
  ctx.lineWidth = 1.5 * devicePixelRatio
  ctx.setLineDash(dash.map((length) => length * devicePixelRatio))
  ctx.moveTo(bbox.left, y)
  ctx.lineTo(bbox.left + bbox.width, y)
  ctx.stroke()
  ctx.restore()
}
