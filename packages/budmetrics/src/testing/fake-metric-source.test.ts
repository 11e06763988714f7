import { FakeMetricSource } from './fake-metric-source.ts'
import { describeMetricSource } from './metric-source.contract.ts'

describeMetricSource('in memory', () => {
  const source = new FakeMetricSource()
  return {
    source,
    serve(text) {
      source.pages.set('http://replica/metrics', text)
      return 'http://replica/metrics'
    },
    deadUrl: () => 'http://nobody/metrics',
  }
})
