/** The whole flow as a person clicks it: sign in, choose, optimise, approve, deploy, chat, watch, scale, delete. */
import { mkdir } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { AxeBuilder } from '@axe-core/playwright'
import { type Browser, chromium, type Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type RunningFoundry, removeDataDir, startFoundry } from '../foundry.ts'
import { chromiumPath } from './parts.ts'

const shotsDir = resolve(import.meta.dirname, '../../node_modules/.cache/bud-screenshots')
const chromiumArgs = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

describe('in the browser', () => {
  let foundry: RunningFoundry
  let browser: Browser
  let page: Page
  const problems: string[] = []

  beforeAll(async () => {
    foundry = await startFoundry()
    await mkdir(shotsDir, { recursive: true })
    const executablePath = chromiumPath()
    if (!executablePath) throw new Error('No Chromium')
    browser = await chromium.launch({ executablePath, args: chromiumArgs })
    const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, colorScheme: 'light' })
    page = await context.newPage()
    page.setDefaultTimeout(30_000)
    page.on('pageerror', (error) => problems.push(error.message))
    page.on('console', (message) => {
      if (message.type() === 'error' && !/401|404|409|422/.test(message.text())) problems.push(message.text())
    })
  })
  afterAll(async () => {
    await browser?.close()
    await foundry?.stop()
    await removeDataDir(foundry.dataDir)
  })

  /** The host of the sign-in link: the session's cookie belongs to it. */
  const base = () => foundry.url.replace('127.0.0.1', 'localhost')
  const shot = (name: string) => page.screenshot({ path: join(shotsDir, `${name}.png`) })
  const expectAccessible = async (name: string) => {
    const { violations } = await new AxeBuilder({ page }).analyze()
    expect(
      violations.map((violation) => `${name}: ${violation.id} at ${violation.nodes[0]?.target.join(' ')}`),
    ).toEqual([])
  }

  it('a stranger is sent to the sign-in page, the one-time link lets in', async () => {
    await page.goto(`${base()}/ui/models`)
    await page.waitForURL(/\/ui\/sign-in/)
    await shot('sign-in')
    await expectAccessible('sign-in')
    const link = foundry.signInLink()
    if (!link) throw new Error('No sign-in link was printed')
    await page.goto(link)
    await page.waitForURL(/\/ui\/?$/)
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
    const confirmation = danger.getByRole('textbox')
    if (await confirmation.count()) await confirmation.fill('chat')
    await danger.getByRole('button', { name: 'Delete endpoint' }).click()
    await expect.poll(async () => (await client.endpoints.list()).length, { timeout: 60_000 }).toBe(0)
  })

  it('every place opens, in both colour schemes and on a phone, without an error', async () => {
    for (const [scheme, width, height] of [
      ['light', 1440, 900],
      ['dark', 1440, 900],
      ['light', 390, 844],
    ] as const) {
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
    expect(problems).toEqual([])
  })
})
