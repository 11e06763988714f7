/** What predictions promise, as a person sees it: asked for, judged by their intervals, turned down with a way out. */
import type { FoundryClient } from '@bud/contract'
import { DEFAULT_CONFIDENCE } from '@bud/kernel'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { faces, type OpenedDashboard, openDashboard } from './dashboard.ts'

const LARGE = 'meta-llama/Llama-3.1-70B-Instruct'
const SMALL = 'meta-llama/Llama-3.1-8B-Instruct'

describe('predictions in the browser', () => {
  let dashboard: OpenedDashboard
  let client: FoundryClient
  let page: Page

  beforeAll(async () => {
    dashboard = await openDashboard()
    page = dashboard.page
    client = await dashboard.foundry.client()
    await dashboard.signIn()
  })
  afterAll(() => dashboard?.close())

  const open = (path: string) => page.goto(`${dashboard.base}/ui/${path}`)
  const searchFor = async (model: string) => {
    await open(`optimise?model=${encodeURIComponent(model)}`)
    await page.getByRole('button', { name: 'Optimise', exact: true }).waitFor()
  }
  const submit = () => page.getByRole('button', { name: 'Optimise', exact: true }).click()
  const resultId = async () => {
    await page.waitForURL(/\/ui\/optimise\/opt-/)
    return new URL(page.url()).pathname.split('/').at(-1) ?? ''
  }

  it('a usual load fills the form, and what is asked reaches the search', async () => {
    await searchFor(LARGE)
    await page.getByRole('button', { name: 'RAG', exact: true }).click()
    expect(await page.getByLabel('Prompt tokens').inputValue()).toBe('4,096')
    expect(await page.getByLabel('Spread of prompts').inputValue()).toBe('± 50 %')
    await page.getByText('safe, 80 %').waitFor()
    await page.getByLabel('How sure must the limits hold?').press('End')
    await page.getByText('very safe, 95 %').waitFor()
    await page.getByLabel('Allow FP8 on load').check()
    await page.getByLabel('GPU memory kept free').fill('15')
    await page.getByLabel('Time to first token').fill('3000')
    await dashboard.shot('optimise-form')
    await dashboard.expectAccessible('optimise form')
    await submit()
    const asked = await client.optimizations.get({ id: await resultId() })
    expect(asked).toMatchObject({ confidence: 0.95, allow_quantization: true, memory_headroom: 0.15 })
    expect(asked.workload).toMatchObject({ input_tokens: 4096, input_tokens_cv: 0.5, prefix_cache_share: 0.1 })
  })

  it('the default of the knob is what the API does when nobody says', async () => {
    const answer = await client.optimizations.create({ model: SMALL, cluster: 'demo' })
    expect(answer.confidence).toBe(DEFAULT_CONFIDENCE)
  })

  it('what the API objects to stands at its field', async () => {
    await searchFor(SMALL)
    await page.getByLabel('End-to-end latency').fill('100')
    await submit()
    await page.getByText('The whole answer cannot be limited to 100 ms').waitFor()
    expect(await page.getByLabel('End-to-end latency').getAttribute('aria-invalid')).toBe('true')
    await dashboard.expectAccessible('optimise form with problems')
    await page.getByLabel('End-to-end latency').fill('20000')
    await submit()
    await resultId()
  })

  it('a result says what it promises, how surely, and what stands behind it', async () => {
    const { id } = await client.optimizations.create({
      model: LARGE,
      cluster: 'demo',
      workload: { request_rate_per_s: 2 },
      targets: { ttft_ms: 2000, tokens_per_s_per_user: 15 },
    })
    await open(`optimise/${id}`)
    await page.getByText('Recommended configuration').waitFor()
    const said = (await page.textContent('main')) ?? ''
    for (const part of ['80 % within', 'Cost per million output tokens', 'What stands behind it', 'Proof'])
      expect(said).toContain(part)
    await page.getByRole('button', { name: 'Show means, percentiles and rates' }).click()
    await page.getByRole('columnheader', { name: 'p95' }).waitFor()
    for (const [scheme, width, height] of faces) {
      await page.emulateMedia({ colorScheme: scheme })
      await page.setViewportSize({ width, height })
      await dashboard.shot(`optimise-result-${scheme}-${width}`)
      await dashboard.expectAccessible(`optimise result ${scheme} ${width}`)
    }
    await page.emulateMedia({ colorScheme: 'light' })
    await page.setViewportSize({ width: 1440, height: 900 })
  })

  it('the Pareto front is walked with the keyboard, read as a table, and any point of it can be approved', async () => {
    const points = page.getByRole('radiogroup', { name: /cost per hour against/ }).getByRole('radio')
    expect(await points.count()).toBeGreaterThan(2)
    await page.getByRole('radio', { name: /^Recommended: / }).focus()
    await page.keyboard.press('ArrowRight')
    await expect.poll(() => new URL(page.url()).search).toMatch(/point=|candidate=/)
    await page.getByRole('radiogroup', { name: 'Cost against' }).getByText('Throughput').click()
    await page.getByRole('radiogroup', { name: /against output tokens/ }).waitFor()
    await page.getByRole('radiogroup', { name: 'Shown as' }).getByText('Table').click()
    const rows = page.getByRole('table', { name: /configurations/ }).getByRole('radio')
    expect(await rows.count()).toBe(await pointsOf(page, client))
    await rows.last().check()
    await dashboard.expectAccessible('Pareto table')
    await page.getByRole('button', { name: 'Approve and deploy' }).waitFor()
  })

  it('the next smaller model is one click from a search of its own', async () => {
    await page.getByRole('button', { name: `Search with ${SMALL}` }).click()
    await page.getByRole('heading', { name: `${SMALL} on demo` }).waitFor()
    const small = await client.optimizations.get({ id: await resultId() })
    expect(small.model.name).toBe(SMALL)
    expect(small.targets).toEqual({ ttft_ms: 2000, tokens_per_s_per_user: 15 })
  })

  it('limits that nothing holds end in a way that was tried, which the form takes over', async () => {
    const { id } = await client.optimizations.create({
      model: LARGE,
      cluster: 'demo',
      workload: { concurrency: 32 },
      targets: { ttft_ms: 20 },
    })
    await open(`optimise/${id}`)
    await page.getByText('Nothing holds these limits', { exact: true }).waitFor()
    await dashboard.shot('optimise-infeasible')
    await dashboard.expectAccessible('infeasible result')
    await page.getByRole('link', { name: 'Use it in the form' }).first().click()
    await page.getByText('Taken over from').waitFor()
    expect(await page.getByLabel('Time to first token').inputValue()).not.toBe('20 ms')
    await submit()
    await page.getByText('A configuration holds the limits').waitFor()
  })

  it('a search from before intervals, fronts and siblings still opens', async () => {
    const { id } = await client.optimizations.create({ model: SMALL, cluster: 'demo', targets: { ttft_ms: 500 } })
    await page.route(`**/optimizations/${id}`, async (route) => {
      const answer = await route.fetch()
      await route.fulfill({ response: answer, json: withoutWhatIsNew(await answer.json()) })
    })
    await open(`optimise/${id}`)
    await page.getByText('The predictor of that time stated no intervals.').waitFor()
    await page.getByRole('button', { name: 'Approve and deploy' }).waitFor()
    expect(await page.getByText('What more money buys').count()).toBe(0)
    await dashboard.expectAccessible('older result')
  })

  it('an endpoint shows its measurements in the predicted interval', async () => {
    const { id } = await client.optimizations.create({
      model: SMALL,
      cluster: 'demo',
      workload: { input_tokens: 128, output_tokens: 32, concurrency: 1 },
    })
    const approval = await client.optimizations.approve({ id })
    const endpoint = await client.endpoints.create({ name: 'judged', approval_id: approval.id })
    await open(`endpoints/${endpoint.id}`)
    await expect
      .poll(async () => (await client.endpoints.get({ id: 'judged' })).state.name, { timeout: 60_000 })
      .toBe('ready')
    await page
      .getByText(/predicted .*80 %: /)
      .first()
      .waitFor()
    await page.getByText('Predicted for 128 tokens in, 32 out, 1 request in flight').waitFor()
    await page.getByText('Actual against predicted').waitFor()
    await dashboard.shot('endpoint-predicted')
    await dashboard.expectAccessible('endpoint with a prediction')
    await page.getByRole('tab', { name: 'Configuration' }).click()
    await page.getByText('What was predicted').waitFor()
    await dashboard.expectAccessible('configuration with a prediction')
    expect(dashboard.problems).toEqual([])
  })
})

async function pointsOf(page: Page, client: FoundryClient): Promise<number> {
  const id = new URL(page.url()).pathname.split('/').at(-1) ?? ''
  return (await client.optimizations.get({ id })).pareto?.length ?? 0
}

const NEW_IN_RESULTS = ['pareto', 'sibling', 'confidence', 'remedies']
const NEW_IN_PREDICTIONS = ['percentiles', 'per_replica', 'evidence', 'max_requests_per_s']

/** As results were stored before: without the later fields, and without any interval. */
function withoutWhatIsNew(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutWhatIsNew)
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).filter(([key]) => ![...NEW_IN_RESULTS, ...NEW_IN_PREDICTIONS].includes(key))
  return Object.fromEntries(
    entries.map(([key, inner]) => [key, key === 'low' || key === 'high' ? null : withoutWhatIsNew(inner)]),
  )
}
