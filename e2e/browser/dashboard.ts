/** The dashboard in a Chromium, signed in to a Foundry of its own: what every suite of this folder starts from. */
import { mkdir } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { AxeBuilder } from '@axe-core/playwright'
import { chromium, type Page } from 'playwright-core'
import { expect } from 'vitest'
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

export interface OpenedDashboard {
  foundry: RunningFoundry
  page: Page
  /** The host of the sign-in link: the session's cookie belongs to it. */
  base: string
  /** Errors of the page and its console, but for the statuses that tests provoke. */
  problems: string[]
  /** Takes the one-time link; needed once. */
  signIn(): Promise<void>
  shot(name: string): Promise<unknown>
  expectAccessible(name: string): Promise<void>
  close(): Promise<void>
}

export async function openDashboard(): Promise<OpenedDashboard> {
  const executablePath = chromiumPath()
  if (!executablePath) throw new Error('No Chromium')
  const foundry = await startFoundry()
  await mkdir(shotsDir, { recursive: true })
  const browser = await chromium.launch({ executablePath, args: chromiumArgs })
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, colorScheme: 'light' })
  const page = await context.newPage()
  page.setDefaultTimeout(30_000)
  const problems: string[] = []
  page.on('pageerror', (error) => problems.push(error.message))
  page.on('console', (message) => {
    if (message.type() === 'error' && !/401|404|409|422/.test(message.text())) problems.push(message.text())
  })
  return {
    foundry,
    page,
    base: foundry.url.replace('127.0.0.1', 'localhost'),
    problems,
    signIn: async () => {
      const link = foundry.signInLink()
      if (!link) throw new Error('No sign-in link was printed')
      await page.goto(link)
      await page.waitForURL(/\/ui\/?$/)
    },
    shot: (name) => page.screenshot({ path: join(shotsDir, `${name}.png`) }),
    expectAccessible: async (name) => {
      const { violations } = await new AxeBuilder({ page }).analyze()
      expect(
        violations.map((violation) => `${name}: ${violation.id} at ${violation.nodes[0]?.target.join(' ')}`),
      ).toEqual([])
    },
    close: async () => {
      await browser.close()
      await foundry.stop()
      await removeDataDir(foundry.dataDir)
    },
  }
}

/** Light and dark, and light on a phone. */
export const faces = [
  ['light', 1440, 900],
  ['dark', 1440, 900],
  ['light', 390, 844],
] as const
