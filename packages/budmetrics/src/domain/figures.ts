/** Figures and times inside the sentences an alert says. */
import { type MetricName, metricUnits } from '@bud/kernel'

/** "812 ms", "12.5 tokens/s", "97 %", "143 requests". */
export function figure(metric: MetricName, value: number): string {
  const unit = metricUnits[metric]
  return `${digits(value)} ${unit === 'percent' ? '%' : unit}`
}

const digits = (value: number): string => String(value >= 100 ? Math.round(value) : Number(value.toPrecision(3)))

/** "45 s", "5 min", "12 min 5 s", "3 h 20 min". */
export function duration(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000))
  if (seconds < 60) return `${seconds} s`
  const minutes = Math.floor(seconds / 60)
  if (minutes < 60) return seconds % 60 === 0 ? `${minutes} min` : `${minutes} min ${seconds % 60} s`
  const hours = Math.floor(minutes / 60)
  return minutes % 60 === 0 ? `${hours} h` : `${hours} h ${minutes % 60} min`
}

export const isoTime = (ms: number): string => new Date(ms).toISOString()
