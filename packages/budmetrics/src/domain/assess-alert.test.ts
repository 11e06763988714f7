import type { AlertRule, MetricName } from '@bud/kernel'
import { describe, expect, it } from 'vitest'
import { rulesInForce, targetThresholds } from './alert-rules.ts'
import { assessAlert, type OpenAlert } from './assess-alert.ts'
import { assessCondition, type Condition } from './assess-condition.ts'
import type { Measurement } from './measurement.ts'

const ruleOf = (metric: MetricName, change: Partial<AlertRule> = {}): AlertRule => {
  const rule = rulesInForce([]).find((one) => one.metric === metric)
  if (!rule) throw new Error(metric)
  return { ...rule, ...change }
}

const none = { value: null, samples: null }
const measurement = (
  metrics: Partial<Measurement['metrics']>,
  change: Partial<Omit<Measurement, 'metrics'>> = {},
): Measurement => ({
  at_ms: 0,
  window_s: 60,
  in_flight: 0,
  waiting_max: 0,
  problem: null,
  ...change,
  metrics: {
    inference_latency_p99: none,
    ttft_p99: none,
    throughput: none,
    gpu_utilization: none,
    queue_depth: none,
    ...metrics,
  },
})

describe('rules in force', () => {
  it('are the guide’s five, with its thresholds', () => {
    expect(
      rulesInForce([]).map(({ metric, op, threshold, for_s, source }) => [metric, op, threshold, for_s, source]),
    ).toEqual([
      ['inference_latency_p99', '>', 2000, 300, 'default'],
      ['ttft_p99', '>', 500, 300, 'default'],
      ['throughput', '<', null, 600, 'default'],
      ['gpu_utilization', '>', 95, 900, 'default'],
      ['queue_depth', '>', 100, 120, 'default'],
    ])
  })

  it('take approved targets over defaults, and edits over both', () => {
    const blank = { target: null, threshold: null, for_s: null, min_samples: null }
    const targets = targetThresholds({ ttft_ms: 300, tokens_per_s: 1200 })
    const settings = targets.map(({ metric, target }) => ({
      ...blank,
      metric,
      target,
      ...(metric === 'ttft_p99' ? { threshold: 250 } : {}),
    }))
    const rules = rulesInForce([...settings, { ...blank, metric: 'queue_depth' as const, for_s: 5 }])
    expect(rules.map(({ metric, threshold, for_s, source }) => [metric, threshold, for_s, source])).toEqual([
      ['inference_latency_p99', 2000, 300, 'default'],
      ['ttft_p99', 250, 300, 'edited'],
      ['throughput', 1200, 600, 'approved-target'],
      ['gpu_utilization', 95, 900, 'default'],
      ['queue_depth', 100, 5, 'edited'],
    ])
  })
})

describe('assessCondition', () => {
  const p99 = (value: number | null, samples: number) => ({ ttft_p99: { value, samples } })
  const cases: [name: string, rule: AlertRule, measured: Measurement, verdict: string, message: string][] = [
    [
      'a p99 above its threshold is breached',
      ruleOf('ttft_p99'),
      measurement(p99(812, 143)),
      'breached',
      'ttft_p99 812 ms > 500 ms over 143 requests in 1 min',
    ],
    [
      'a p99 at its threshold is clear',
      ruleOf('ttft_p99'),
      measurement(p99(500, 143)),
      'clear',
      'ttft_p99 500 ms ≤ 500 ms over 143 requests in 1 min',
    ],
    [
      'too few requests cannot show a breach',
      ruleOf('ttft_p99'),
      measurement(p99(812, 19)),
      'unknown',
      'ttft_p99 812 ms > 500 ms over 19 requests in 1 min: fewer than 20 requests show nothing',
    ],
    [
      'just enough requests can',
      ruleOf('ttft_p99'),
      measurement(p99(812, 20)),
      'breached',
      'ttft_p99 812 ms > 500 ms over 20 requests in 1 min',
    ],
    [
      'few requests can show that the limit is kept',
      ruleOf('ttft_p99'),
      measurement(p99(90, 2)),
      'clear',
      'ttft_p99 90 ms ≤ 500 ms over 2 requests in 1 min',
    ],
    [
      'an idle endpoint is clear',
      ruleOf('ttft_p99'),
      measurement(p99(null, 0)),
      'clear',
      'no request in the last 1 min, none in flight',
    ],
    [
      'requests that never end are not health',
      ruleOf('ttft_p99'),
      measurement(p99(null, 0), { in_flight: 7 }),
      'unknown',
      'none of 7 requests in flight ended in 1 min',
    ],
    [
      'engines that do not answer are not health',
      ruleOf('ttft_p99'),
      measurement(p99(null, 0), { in_flight: null, problem: 'ep-1-r1-0: connection refused' }),
      'unknown',
      'no data for ttft_p99 (ep-1-r1-0: connection refused)',
    ],
    [
      'no target: the rule sleeps',
      ruleOf('throughput'),
      measurement({ throughput: { value: 3, samples: null } }),
      'clear',
      'no target is set for throughput',
    ],
    [
      'low throughput without waiting requests is no fault',
      ruleOf('throughput', { threshold: 1000 }),
      measurement({ throughput: { value: 3, samples: null } }),
      'clear',
      'no request waits; throughput counts only while one does',
    ],
    [
      'low throughput with waiting requests is',
      ruleOf('throughput', { threshold: 1000 }),
      measurement({ throughput: { value: 640.4, samples: null } }, { waiting_max: 12 }),
      'breached',
      'throughput 640 tokens/s < 1000 tokens/s with up to 12 waiting',
    ],
    [
      'whether requests wait must be known',
      ruleOf('throughput', { threshold: 1000 }),
      measurement({ throughput: { value: 3, samples: null } }, { waiting_max: null }),
      'unknown',
      'no data for queue_depth',
    ],
    [
      'a busy GPU without a queue is money well spent',
      ruleOf('gpu_utilization'),
      measurement({ gpu_utilization: { value: 99, samples: null } }),
      'clear',
      'no request waits; gpu_utilization counts only while one does',
    ],
    [
      'a busy GPU with a queue is saturated',
      ruleOf('gpu_utilization'),
      measurement({ gpu_utilization: { value: 97.25, samples: null } }, { waiting_max: 1 }),
      'breached',
      'gpu_utilization 97.3 % > 95 % with up to 1 waiting',
    ],
    [
      'no GPU figure is no health',
      ruleOf('gpu_utilization'),
      measurement({}, { waiting_max: 1 }),
      'unknown',
      'no data for gpu_utilization',
    ],
    [
      'a queue of 100 is clear',
      ruleOf('queue_depth'),
      measurement({ queue_depth: { value: 100, samples: null } }, { waiting_max: 130 }),
      'clear',
      'queue_depth 100 requests ≤ 100 requests',
    ],
    [
      'a queue of 101 is breached',
      ruleOf('queue_depth'),
      measurement({ queue_depth: { value: 101, samples: null } }, { waiting_max: 130 }),
      'breached',
      'queue_depth 101 requests > 100 requests',
    ],
  ]
  it.each(cases)('%s', (_name, rule, measured, verdict, message) => {
    expect(assessCondition(rule, measured)).toMatchObject({ verdict, message })
  })
})

/** Runs a story of verdicts, one each 5 s: B(reached), C(lear), U(nknown); answers the state after each. */
function play(story: string, forS: number, previous?: OpenAlert) {
  const rule = ruleOf('queue_depth', { for_s: forS })
  const verdicts: Record<string, Condition> = {
    B: { verdict: 'breached', value: 150, message: 'queue_depth 150 requests > 100 requests' },
    C: { verdict: 'clear', value: 3, message: 'queue_depth 3 requests ≤ 100 requests' },
    U: { verdict: 'unknown', value: null, message: 'no data for queue_depth' },
  }
  const states: string[] = []
  let open = previous
  let last: OpenAlert | undefined
  for (const [i, letter] of [...story].entries()) {
    const condition = verdicts[letter]
    if (!condition) throw new Error(letter)
    const assessment = assessAlert(open, rule, condition, i * 5000)
    states.push(assessment.state[0] ?? '')
    last = assessment.state === 'inactive' ? undefined : assessment.alert
    open = assessment.state === 'pending' || assessment.state === 'firing' ? assessment.alert : undefined
  }
  return { states: states.join(''), last }
}

describe('assessAlert', () => {
  // States: i(nactive), p(ending), f(iring), r(esolved).
  const stories: [name: string, forS: number, story: string, states: string][] = [
    ['stays inactive while clear', 10, 'CCC', 'iii'],
    ['stays inactive while nothing is known', 10, 'UUU', 'iii'],
    ['fires after the condition held for for_s, not before', 10, 'BBB', 'ppf'],
    ['fires at once without a for', 0, 'B', 'f'],
    ['forgets a pending alert at the first clear moment', 10, 'BBCBBB', 'ppippf'],
    ['never fires on a condition that flaps faster than for_s', 10, 'BCBCBCBC', 'pipipipi'],
    ['resolves after the condition was clear for for_s', 10, 'BBBCCC', 'ppfffr'],
    ['resolves at once when it fires at once', 0, 'BCBC', 'frfr'],
    ['needs at most 30 s of clear to resolve', 60, 'BBBBBBBBBBBBBCCCCCCC', `${'p'.repeat(12)}${'f'.repeat(7)}r`],
    ['stays firing through a clear moment that is too short', 10, 'BBBCCBCCBCCC', `pp${'f'.repeat(9)}r`],
    ['is inactive again after it resolved, and can fire anew', 10, 'BBBCCCCBBB', 'ppfffrippf'],
    ['keeps firing while nothing is known', 10, 'BBBUUUUUUUUUUUUUUUUUUUU', `pp${'f'.repeat(21)}`],
    ['does not count blindness as clear', 10, 'BBBCUCUCUCCC', `pp${'f'.repeat(9)}r`],
    ['does not fire on blindness', 10, 'BUUUU', 'ppppp'],
    ['goes on pending after a short blindness', 20, 'BBUBB', 'ppppf'],
    [
      'forgets a pending alert when nothing is known for over a minute',
      300,
      `B${'U'.repeat(15)}`,
      `p${'p'.repeat(13)}ii`,
    ],
  ]
  it.each(stories)('%s', (_name, forS, story, states) => {
    expect(play(story, forS).states).toBe(states)
  })

  it('says the arithmetic in each state', () => {
    expect(play('BB', 10).last?.message).toBe('queue_depth 150 requests > 100 requests, for 5 s of 10 s.')
    expect(play('BBB', 10).last?.message).toBe('queue_depth 150 requests > 100 requests, for 10 s.')
    expect(play('BBBCC', 10).last?.message).toBe('queue_depth 3 requests ≤ 100 requests, for 5 s of 10 s.')
    expect(play('BBBCCC', 10).last?.message).toBe('queue_depth 3 requests ≤ 100 requests; fired for 15 s.')
    expect(play('BBBUU', 10).last?.message).toBe(
      'No data since 1970-01-01T00:00:15.000Z: no data for queue_depth. Stays firing until it can be told.',
    )
  })

  it('keeps the last measured value while blind', () => {
    expect(play('BBBUU', 10).last?.value).toBe(150)
  })

  it('remembers when it was pending and when it fired', () => {
    expect(play('BBBBB', 10).last).toMatchObject({ pending_at_ms: 0, firing_at_ms: 10_000 })
  })

  it('does not claim the time nobody watched: a pending alert from long before starts anew', () => {
    const before: OpenAlert = {
      state: 'pending',
      pending_at_ms: -3_600_000,
      firing_at_ms: null,
      clear_since_ms: null,
      unknown_since_ms: -3_500_000,
      value: 150,
      message: '',
    }
    expect(play('B', 60, before)).toMatchObject({ states: 'p', last: { pending_at_ms: 0 } })
    expect(play('B', 60, { ...before, state: 'firing', firing_at_ms: -3_600_000 }).states).toBe('f')
  })

  it('resolves at once when its rule goes to sleep', () => {
    const firing = play('BBB', 10).last
    const rule = ruleOf('throughput')
    const condition = assessCondition(rule, measurement({}))
    expect(assessAlert(firing, rule, condition, 15_000)).toMatchObject({
      state: 'resolved',
      alert: { message: 'no target is set for throughput; fired for 5 s.' },
    })
  })
})
