import { engineMetricFamilies, type MetricFamily } from '@bud/engines'
import { EngineName } from '@bud/kernel'
import { describe, expect, it } from 'vitest'
import { countSummary, MetricSet } from './metric-set.ts'
import type { EngineRecorder, RecorderSetting } from './recorder.ts'
import { createSglangRecorder } from './sglang-recorder.ts'
import { createTensorrtLlmRecorder } from './tensorrt-llm-recorder.ts'
import { createVllmRecorder } from './vllm-recorder.ts'

const families: MetricFamily[] = [
  { name: 'x:running', type: 'gauge', labels: ['model_name'] },
  { name: 'x:done_total', type: 'counter', labels: ['model_name', 'reason'] },
  { name: 'x:wait_seconds', type: 'histogram', labels: ['model_name'], buckets: [0.5, 2] },
  { name: 'x:bytes', type: 'summary', labels: ['handler'] },
]
const none = { gauges: new Map(), declared: new Map() }

describe('MetricSet', () => {
  it('renders cumulative buckets, sums and counts, with labels in alphabetical order', () => {
    const set = new MetricSet(families, { model_name: 'a"b' }, null)
    for (const value of [0.1, 0.5, 1, 9]) set.observe('x:wait_seconds', value)
    expect(
      set
        .render(none)
        .split('\n')
        .filter((line) => line.startsWith('x:wait')),
    ).toEqual([
      'x:wait_seconds_bucket{le="0.5",model_name="a\\"b"} 2.0',
      'x:wait_seconds_bucket{le="2.0",model_name="a\\"b"} 3.0',
      'x:wait_seconds_bucket{le="+Inf",model_name="a\\"b"} 4.0',
      'x:wait_seconds_count{model_name="a\\"b"} 4.0',
      'x:wait_seconds_sum{model_name="a\\"b"} 10.6',
    ])
  })

  it('shows declared label sets as zeros before anything has happened', () => {
    const set = new MetricSet(families, { model_name: 'm' }, 12.5)
    const text = set.render({ ...none, declared: new Map([['x:done_total', [{ reason: 'stop' }]]]) })
    expect(text).toContain('x:done_total{model_name="m",reason="stop"} 0.0\n')
    expect(text).toContain('# TYPE x:done_created gauge\nx:done_created{model_name="m",reason="stop"} 12.5\n')
    expect(text).toContain('x:wait_seconds_bucket{le="+Inf",model_name="m"} 0.0')
  })

  it('keeps count and sum of a summary for each label set', () => {
    const set = new MetricSet(families, { model_name: 'm' }, null)
    countSummary(set, 'x:bytes', { handler: '/a' }, 10)
    countSummary(set, 'x:bytes', { handler: '/a' }, 5)
    expect(set.render(none)).toContain('x:bytes_count{handler="/a"} 2.0\nx:bytes_sum{handler="/a"} 15.0')
  })
})

const setting: Omit<RecorderSetting, 'families'> = {
  servedModelName: 'demo',
  maxModelLen: 4096,
  maxNumSeqs: 256,
  maxNumBatchedTokens: 8192,
  gpuMemoryUtilization: 0.9,
  prefixCaching: true,
  kvCapacityTokens: 100_000,
  kvBlockTokens: 16,
  startedAtS: 1,
}
const recorders: Record<EngineName, (setting: RecorderSetting) => EngineRecorder> = {
  vllm: createVllmRecorder,
  sglang: createSglangRecorder,
  'tensorrt-llm': createTensorrtLlmRecorder,
}

describe('the recorders', () => {
  it.each(EngineName.options)('show every family of %s with its labels, before and after a request', (engine) => {
    const recorder = recorders[engine]({ ...setting, families: engineMetricFamilies(engine, setting.maxModelLen) })
    const gauges = { running: 1, waiting: 2, kvUsage: 0.25, kvBlocks: 100, kvUsedBlocks: 25, kvBlockTokens: 16 }
    const before = recorder.render(gauges)
    feed(recorder)
    const after = recorder.render(gauges)
    for (const { name, type, labels } of engineMetricFamilies(engine, setting.maxModelLen)) {
      expect(before).toContain(`# TYPE ${name} ${type}\n`)
      const sample = after
        .split('\n')
        .find((line) => line.startsWith(name) && /^(_bucket|_sum|_count|_total)?[{ ]/.test(line.slice(name.length)))
      if (sample === undefined) continue
      const shown = [...sample.matchAll(/(\w+)="/g)].map(([, label]) => label).filter((label) => label !== 'le')
      expect(shown.sort(), name).toEqual([...labels].sort())
    }
  })
})

function feed(recorder: EngineRecorder): void {
  const active = {
    sequence: {
      promptTokens: 100,
      prefixBlocks: [],
      maxTokens: 10,
      streamed: true,
      choices: 1,
      emit: () => false,
      finished() {},
    },
    arrivedMs: 0,
    computed: 110,
    generated: 10,
    blocks: 7,
    cachedTokens: 32,
    preemptions: 1,
    scheduledMs: 100,
    firstTokenMs: 200,
    lastTokenMs: 600,
    state: 'done' as const,
  }
  recorder.prefixLookedUp(100, 32)
  recorder.preempted(active)
  recorder.firstToken(active)
  recorder.token(active, 40)
  recorder.stepped(
    { items: [], prefillTokens: 10, prefillContextTokens: 5, decodeBatch: 1, meanContextTokens: 100 },
    20,
  )
  recorder.finished(active, 'stop')
  recorder.aborted(active)
  recorder.exchanged({
    handler: '/v1/completions',
    method: 'POST',
    status: 500,
    durationS: 0.1,
    requestBytes: 5,
    responseBytes: 9,
  })
}
