import { DEFAULT_CONFIDENCE } from '@bud/kernel'
import { Input, Text } from '@mantine/core'
import { useId } from 'react'
import {
  CONFIDENCE_STEP,
  certaintyLabel,
  describeCertainty,
  LEAST_CONFIDENCE,
  MOST_CONFIDENCE,
} from '../prepare/certainty.ts'
import classes from './certainty-knob.module.css'

export interface CertaintyKnobProps {
  value: number
  problem: string | undefined
  onChange: (confidence: number) => void
}

/** Under the middle of the thumb, when it stands there. */
const placeOf = (confidence: number): string => {
  const share = (confidence - LEAST_CONFIDENCE) / (MOST_CONFIDENCE - LEAST_CONFIDENCE)
  return `calc(var(--thumb) / 2 + (100% - var(--thumb)) * ${share})`
}

/** From optimistic to safe: how sure each limit must be held. */
export function CertaintyKnob({ value, problem, onChange }: CertaintyKnobProps) {
  const id = useId()
  const { meaning } = describeCertainty(value)
  return (
    <div>
      <Input.Label htmlFor={id}>How sure must the limits hold?</Input.Label>
      <div className={classes.knob}>
        <input
          id={id}
          type="range"
          className={classes.range}
          min={LEAST_CONFIDENCE}
          max={MOST_CONFIDENCE}
          step={CONFIDENCE_STEP}
          value={value}
          aria-valuetext={certaintyLabel(value)}
          aria-describedby={`${id}-meaning`}
          onChange={(event) => onChange(Math.round(Number(event.currentTarget.value) * 100) / 100)}
        />
        <div className={classes.scale} aria-hidden>
          <span>optimistic</span>
          <span className={classes.default} style={{ left: placeOf(DEFAULT_CONFIDENCE) }}>
            default
          </span>
          <span>safe</span>
        </div>
      </div>
      <Text fz="sm" id={`${id}-meaning`}>
        <b>{certaintyLabel(value)}</b>
        {value === DEFAULT_CONFIDENCE ? ' (default)' : ''}
        <Text component="span" inherit c="dimmed">
          {' '}
          {meaning}
        </Text>
      </Text>
      {problem ? <Input.Error mt={4}>{problem}</Input.Error> : null}
    </div>
  )
}
