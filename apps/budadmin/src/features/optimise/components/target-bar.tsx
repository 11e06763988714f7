import type { TargetBar as Bar } from '../prepare/targets.ts'
import classes from './target-bar.module.css'

/** A predicted value (outlined, dashed), its 80 % interval as a thin range, the limit a solid mark. */
export function TargetBar({ bar, tone }: { bar: Bar; tone: string }) {
  return (
    <div className={classes.track} aria-hidden>
      <span className={classes.value} style={{ width: `${bar.value}%`, borderColor: `var(--bud-${tone})` }} />
      {bar.low !== undefined && bar.high !== undefined ? (
        <span className={classes.interval} style={{ left: `${bar.low}%`, width: `${bar.high - bar.low}%` }} />
      ) : null}
      {bar.limit === undefined ? null : <span className={classes.limit} style={{ left: `${bar.limit}%` }} />}
    </div>
  )
}
