/** The whole flow as a person clicks it: sign in, choose, optimise, approve, deploy, chat, watch, scale, delete. */
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { RunningFoundry } from '../foundry.ts'
import { faces, type OpenedDashboard, openDashboard } from './dashboard.ts'

describe('in the browser', () => {
  let dashboard: OpenedDashboard
  let foundry: RunningFoundry
  let page: Page

  beforeAll(async () => {
    dashboard = await openDashboard()
    ;({ foundry, page } = dashboard)
  })
  afterAll(() => dashboard?.close())

  const base = () => dashboard.base
  const shot = (name: string) => dashboard.shot(name)
  const expectAccessible = (name: string) => dashboard.expectAccessible(name)

  it('a stranger is sent to the sign-in page, the one-time link lets in', async () => {
    await page.goto(`${base()}/ui/models`)
    await page.waitForURL(/\/ui\/sign-in/)
    await shot('sign-in')
    await expectAccessible('sign-in')
    await dashboard.signIn()
    await page.getByRole('link', { name: 'Models' }).first().waitFor()
    await shot('home-first-run')
    await expectAccessible('home')
  })

  it('a model is found and optimised for', async () => {
    await page.getByRole('link', { name: 'Models' }).first().click()
    await page.getByLabel('Search models').first().fill('Llama-3.1-8B-Instruct')
    await page.getByRole('link', { name: 'meta-llama/Llama-3.1-8B-Instruct' }).first().waitFor()
    await shot('models')
    await expectAccessible('models')
    await page.getByRole('link', { name: 'meta-llama/Llama-3.1-8B-Instruct' }).first().click()
    await page.getByRole('main').getByRole('link', { name: 'Optimise', exact: true }).click()
    await page.getByRole('button', { name: 'Optimise', exact: true }).click()
    await page.waitForURL(/\/ui\/optimise\/opt-/)
    await page.getByRole('button', { name: 'Approve and deploy' }).waitFor()
    await shot('optimise')
    await expectAccessible('optimise')
  })

  it('the approved configuration is deployed, each step seen as it happens', async () => {
    await page.getByLabel('Endpoint name').fill('chat')
    await page.getByRole('button', { name: 'Approve and deploy' }).click()
    await page.waitForURL(/\/ui\/endpoints\/ep-/)
    for (const step of ['validate', 'transfer', 'start', 'verify', 'route'])
      await page.getByText(step, { exact: false }).first().waitFor()
    await page
      .getByText(/^ready/i)
      .first()
      .waitFor()
    await shot('endpoint-deployed')
    await expectAccessible('endpoint')
  })

  it('it answers in the playground', async () => {
    await page.getByRole('tab', { name: 'Chat' }).click()
    await page.getByRole('textbox', { name: 'Message' }).fill('Why is the sky blue?')
    await page.getByRole('button', { name: 'Send' }).click()
    const timing = page.getByTestId('answer-timing')
    await timing.waitFor()
    expect(await timing.textContent()).toMatch(/ms/)
    await shot('chat')
    await expectAccessible('chat')
  })

  it('the charts show what was measured', async () => {
    await page.getByRole('tab', { name: 'Overview' }).click()
    await expect.poll(() => page.locator('canvas').count(), { timeout: 30_000 }).toBeGreaterThanOrEqual(5)
    await expect
      .poll(async () => (await page.textContent('main')) ?? '', { timeout: 60_000, interval: 1000 })
      .toMatch(/\d+(\.\d+)?\s*%/)
    await shot('endpoint')
  })

  it('it is scaled and deleted', async () => {
    await page.getByRole('button', { name: 'Scale' }).first().click()
    const dialog = page.getByRole('dialog')
    await dialog.getByLabel('Replicas').fill('2')
    await dialog.getByRole('button', { name: 'Scale' }).click()
    await expect.poll(() => page.locator('tr', { hasText: /-r1-1/ }).count(), { timeout: 60_000 }).toBe(1)
    await page
      .getByText(/^ready/i)
      .first()
      .waitFor()
    await shot('scaled')
    const client = await foundry.client()
    await expect
      .poll(async () => (await client.endpoints.get({ id: 'chat' })).state.name, { timeout: 60_000 })
      .toBe('ready')
    await page.getByRole('button', { name: 'Delete endpoint' }).first().click()
    const danger = page.getByRole('dialog')
    await danger.getByRole('textbox').fill('chat')
    await danger.getByRole('button', { name: 'Delete endpoint' }).click()
    await expect.poll(async () => (await client.endpoints.list()).length, { timeout: 60_000 }).toBe(0)
  })

  it('every place opens, in both colour schemes and on a phone, without an error', async () => {
    for (const [scheme, width, height] of faces) {
      await page.emulateMedia({ colorScheme: scheme })
      await page.setViewportSize({ width, height })
      for (const place of ['', 'models', 'optimise', 'deploy', 'endpoints', 'alerts', 'clusters', 'settings']) {
        await page.goto(`${base()}/ui/${place}`)
        await page.getByRole('heading').first().waitFor()
        await shot(`${place || 'home'}-${scheme}-${width}`)
        await expectAccessible(`${place} ${scheme} ${width}`)
      }
    }
    await page.goto(`${base()}/reference`)
    await page.getByText('/endpoints/{id}/scale').first().waitFor()
    await shot('reference')
    expect(dashboard.problems).toEqual([])
  })
})
