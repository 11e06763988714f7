/** The registry as a person uses it: narrowing, comparing, uploading, versions, a finding waived, the policy mended. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { writeSampleModel } from '@bud/budmodel/sample-model'
import { pickleOf, pickleOp } from '@bud/budmodel/testing/pickle-writer'
import type { FoundryClient } from '@bud/contract'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { faces, type OpenedDashboard, openDashboard } from './dashboard.ts'

const TINY = 'browser/tiny'
const HELD = 'browser/held'
const LARGE = 'meta-llama/Llama-3.1-70B-Instruct'
const SMALL = 'meta-llama/Llama-3.1-8B-Instruct'

/** A pickle that would run a command when it is loaded. */
const harmfulPickle = () =>
  pickleOf(
    pickleOp.proto(2),
    pickleOp.global('posix', 'system'),
    pickleOp.text('true'),
    pickleOp.tuple1(),
    pickleOp.reduce(),
    pickleOp.stop(),
  )

describe('the registry in the browser', () => {
  let dashboard: OpenedDashboard
  let client: FoundryClient
  let page: Page
  let folder: string

  beforeAll(async () => {
    dashboard = await openDashboard()
    page = dashboard.page
    client = await dashboard.foundry.client()
    folder = await mkdtemp(join(tmpdir(), 'bud-browser-model-'))
    await dashboard.signIn()
  })
  afterAll(async () => {
    await dashboard?.close()
    if (folder) await rm(folder, { recursive: true, force: true })
  })

  const open = (path: string) => page.goto(`${dashboard.base}/ui/${path}`)
  const answer = (text: RegExp) => page.getByRole('main').getByText(text).first().waitFor()
  const facet = (group: string, option: string) =>
    page.getByRole('group', { name: group, exact: true }).getByRole('checkbox', { name: option })
  const stateOf = async (name: string) => (await client.models.get({ id: name })).state.name
  const modelPath = async (name: string) => `models/${(await client.models.get({ id: name })).id}`
  const sampleFolder = async (name: string, extra: Record<string, string | Uint8Array> = {}) => {
    const path = join(folder, name)
    await writeSampleModel(path)
    for (const [file, content] of Object.entries(extra)) await writeFile(join(path, file), content)
    return path
  }
  const upload = async (path: string, name?: string) => {
    const dialog = page.getByRole('dialog')
    await dialog.getByTestId('model-folder').setInputFiles(path)
    if (name) await dialog.getByLabel('Name').fill(name)
    await dialog.getByRole('button', { name: name ? 'Register' : 'Add version', exact: true }).click()
    await page.waitForURL(/\/ui\/models\/model-/)
  }

  it('the catalogue is narrowed by facets whose counts follow, and the address keeps it', async () => {
    await open('models')
    await answer(/in the catalogue to optimise for/)
    const all = (await client.models.list({ limit: 1 })).total
    const llamas = (await client.models.list({ limit: 1, architecture: 'llama' })).total
    const large = (await client.models.list({ limit: 1, architecture: 'llama', size: '70b' })).total
    expect(large).toBeLessThan(llamas)
    expect(llamas).toBeLessThan(all)
    await facet('Size', '70B').check()
    await facet('Architecture', 'llama').first().check()
    await answer(new RegExp(`^${large} models? match`))
    await expect.poll(() => new URL(page.url()).searchParams.get('size')).toBe('70b')
    await dashboard.shot('models-facets')
    await dashboard.expectAccessible('models with facets')
    await page.reload()
    await answer(new RegExp(`^${large} models? match`))
    await page.getByRole('button', { name: 'Remove 70B (50–100B)' }).click()
    await expect.poll(() => new URL(page.url()).searchParams.get('size')).toBe(null)
    await page.getByRole('button', { name: 'Clear all' }).click()
    await answer(/in the catalogue to optimise for/)
  })

  it('numbers narrow it too: active parameters, and what was measured on a GPU', async () => {
    await open('models')
    await page.getByLabel('Active up to').fill('10')
    await expect.poll(() => new URL(page.url()).searchParams.get('active_parameters_max')).toBe('10000000000')
    const small = (await client.models.list({ limit: 1, active_parameters_max: 10e9 })).total
    await answer(new RegExp(`^${small} models? match`))
    await page.getByRole('group', { name: 'Measured on' }).getByRole('checkbox').first().check()
    await page.getByLabel('Tokens/s per GPU ≥').fill('100')
    await page.getByRole('list', { name: 'Filters that are on' }).getByText('≥ 100 tokens/s per GPU').waitFor()
    await dashboard.expectAccessible('models by numbers')
  })

  it('models are compared side by side, only what differs if so wished', async () => {
    await open('models?search=Llama-3.1')
    await page.getByLabel(`Compare ${SMALL}`, { exact: true }).check()
    await page.getByText('one more to compare').waitFor()
    await page.getByLabel(`Compare ${LARGE}`, { exact: true }).check()
    await page.getByRole('link', { name: 'Compare', exact: true }).click()
    await page.waitForURL(/\/ui\/models\/compare/)
    await page.getByRole('rowheader', { name: /^Parameters/ }).waitFor()
    expect(await page.getByRole('rowheader', { name: /^Parameters ?, differs$/ }).count()).toBe(1)
    const rows = await page.getByRole('rowheader').count()
    for (const [scheme, width, height] of faces) {
      await page.emulateMedia({ colorScheme: scheme })
      await page.setViewportSize({ width, height })
      await dashboard.shot(`compare-${scheme}-${width}`)
      await dashboard.expectAccessible(`compare ${scheme} ${width}`)
    }
    await page.emulateMedia({ colorScheme: 'light' })
    await page.setViewportSize({ width: 1440, height: 900 })
    await page.getByLabel('Only what differs').check()
    await expect.poll(() => page.getByRole('rowheader').count()).toBeLessThan(rows)
  })

  it('a folder is uploaded in parts and watched until it is available', async () => {
    const path = await sampleFolder('tiny')
    await open('models?register=true')
    await page.getByRole('dialog').getByText('Choose folder').waitFor()
    await dashboard.expectAccessible('register')
    await upload(path, TINY)
    await page
      .getByText(/^available/)
      .first()
      .waitFor()
    await page.getByText('Clean').first().waitFor()
    expect(await stateOf(TINY)).toBe('available')
    await page.getByRole('tab', { name: /^Files/ }).click()
    await page.getByRole('cell', { name: 'config.json', exact: true }).waitFor()
    await page.getByLabel('Search files').fill('safetensors')
    await expect.poll(() => page.getByRole('cell', { name: 'config.json', exact: true }).count()).toBe(0)
    await dashboard.expectAccessible('files of a model')
  })

  it('an upload that breaks off goes on with what is missing', async () => {
    await open('models?register=true')
    const dialog = page.getByRole('dialog')
    const sent: string[] = []
    let broken = true
    await page.route('**/uploads/*/parts/**', async (route) => {
      const path = new URL(route.request().url()).pathname
      if (broken && path.endsWith('model.safetensors'))
        return route.fulfill({ status: 409, json: { message: 'no room' } })
      sent.push(path)
      return route.continue()
    })
    await dialog.getByTestId('model-folder').setInputFiles(await sampleFolder('resumed'))
    await dialog.getByLabel('Name').fill('browser/resumed')
    await dialog.getByRole('button', { name: 'Register', exact: true }).click()
    await dialog.getByText('no room').waitFor()
    await dashboard.shot('upload-broken')
    await dashboard.expectAccessible('upload that broke off')
    broken = false
    await dialog.getByRole('button', { name: 'Go on' }).click()
    await page.waitForURL(/\/ui\/models\/model-/)
    await page.unroute('**/uploads/*/parts/**')
    expect(new Set(sent).size).toBe(sent.length)
    await expect.poll(() => stateOf('browser/resumed'), { timeout: 60_000 }).toBe('available')
    await client.models.delete({ id: 'browser/resumed' })
  })

  it('a form with problems says all of them, and a source of another kind suggests a name', async () => {
    await open('models?register=true')
    const dialog = page.getByRole('dialog')
    await dialog.getByRole('button', { name: 'Register', exact: true }).click()
    await dialog.getByText('choose the folder').waitFor()
    await dialog.getByText('Hugging Face').click()
    await dialog.getByLabel('Model id').fill('acme/ranker')
    expect(await dialog.getByLabel('Name').inputValue()).toBe('acme/ranker')
    await dialog.getByText('S3', { exact: true }).click()
    await dialog.getByLabel('Bucket and folder').fill('models/no-scheme')
    await dialog.getByRole('button', { name: 'Register', exact: true }).click()
    await dialog.getByText('as in s3://models').waitFor()
    await dashboard.expectAccessible('register with problems')
    await dialog.getByRole('button', { name: 'Cancel' }).click()
  })

  it('what people say of a model is edited, and found by its tag', async () => {
    await open(await modelPath(TINY))
    await page.getByRole('button', { name: 'Edit', exact: true }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByLabel('Description').fill('Writes nothing of use, but quickly.')
    await dialog.getByLabel('Tags').fill('team:search')
    await page.keyboard.press('Enter')
    await dialog.getByRole('button', { name: 'Save' }).click()
    await page.getByText('Writes nothing of use').waitFor()
    await open('models')
    await facet('Tags', 'team:search').check()
    await answer(/^1 model matches/)
  })

  it('a version is added, looked at by its number, and made the one for production', async () => {
    const path = await sampleFolder('tiny-2', { 'README.md': '---\nlicense: apache-2.0\n---\nThe second one.\n' })
    await open(`${await modelPath(TINY)}?tab=versions`)
    await page.getByRole('button', { name: 'Add version' }).click()
    await upload(path)
    await page.waitForURL(/version=2/)
    await expect
      .poll(async () => (await client.models.get({ id: `${TINY}@2` })).state.name, { timeout: 60_000 })
      .toBe('available')
    await page.getByText('version 2 of 2').first().waitFor()
    await page.getByRole('tab', { name: /^Versions/ }).click()
    await page.getByRole('button', { name: 'Act on version 2' }).click()
    await page.getByRole('menuitem', { name: 'Point production here' }).click()
    await page.getByRole('row', { name: /^2 production/ }).waitFor()
    await dashboard.shot('model-versions')
    await dashboard.expectAccessible('versions of a model')
    expect((await client.models.get({ id: `${TINY}@production` })).version).toBe(2)
    await page.getByRole('button', { name: 'Act on version 1' }).click()
    await page.getByRole('menuitem', { name: 'Archive' }).click()
    await page.getByText('archived').first().waitFor()
  })

  it('a finding that blocks is waived by name and for a time, and the model becomes available', async () => {
    await open('models?register=true')
    await upload(await sampleFolder('held', { 'extra.pkl': harmfulPickle() }), HELD)
    await page
      .getByText(/^quarantined/)
      .first()
      .waitFor()
    await page.getByRole('tab', { name: /^Scan/ }).click()
    await page.getByRole('heading', { name: /^Blocks/ }).waitFor()
    for (const [scheme, width, height] of faces) {
      await page.emulateMedia({ colorScheme: scheme })
      await page.setViewportSize({ width, height })
      await dashboard.shot(`model-scan-${scheme}-${width}`)
      await dashboard.expectAccessible(`scan ${scheme} ${width}`)
    }
    await page.emulateMedia({ colorScheme: 'light' })
    await page.setViewportSize({ width: 1440, height: 900 })
    for (let left = await blocks(page); left > 0; left -= 1) await waiveFirst(page, dashboard, left)
    await page
      .getByText(/^available/)
      .first()
      .waitFor()
    await page.getByRole('heading', { name: /^Waived/ }).waitFor()
    expect(await stateOf(HELD)).toBe('available')
    const { waivers } = await client.modelPolicy.get()
    expect(waivers[0]).toMatchObject({
      model: HELD,
      path: 'extra.pkl',
      sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
    })
  })

  it('the policy says at which line it is wrong, and a waiver is taken back', async () => {
    await open('settings/model-policy')
    const text = page.getByLabel('Model policy as YAML')
    const before = await text.inputValue()
    await text.fill(`${before}\nclamdd: optional\n`)
    await page.getByRole('button', { name: 'Save' }).click()
    const line = before.split('\n').length + 1
    await page.getByRole('button', { name: `Line ${line}`, exact: true }).waitFor()
    await dashboard.shot('policy-problem')
    await dashboard.expectAccessible('policy with a problem')
    await text.fill(before.replace('remote_code: warn', 'remote_code: block'))
    await page.getByRole('button', { name: 'Save' }).click()
    await expect.poll(async () => (await client.modelPolicy.get()).text).toContain('remote_code: block')
    const names = (await client.modelPolicy.get()).waivers.map(({ name }) => name)
    for (const name of names) {
      await page.getByRole('button', { name: `Take back ${name}` }).click()
      await page.getByRole('dialog').getByRole('button', { name: 'Take back' }).click()
      await expect
        .poll(async () => (await client.modelPolicy.get()).waivers.some((one) => one.name === name))
        .toBe(false)
    }
    await expect.poll(() => stateOf(HELD)).toBe('quarantined')
    await open('')
    await page.getByText(HELD).first().waitFor()
  })

  it('a connection that does not answer is not kept, and says why', async () => {
    await open('settings')
    await page.getByRole('button', { name: 'Add connection' }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByRole('button', { name: 'Try and add' }).click()
    expect(await dialog.getByText('is needed').count()).toBeGreaterThanOrEqual(4)
    await dialog.getByLabel('Name').fill('nowhere')
    await dialog.getByRole('textbox', { name: 'Bucket', exact: true }).fill('models-team')
    await dialog.getByLabel('Endpoint').fill('http://127.0.0.1:9')
    await dialog.getByLabel('Access key id').fill('id')
    await dialog.getByLabel('Secret access key').fill('secret')
    await dialog.getByRole('button', { name: 'Try and add' }).click()
    await dialog.getByRole('alert').waitFor()
    await dashboard.expectAccessible('connection refused')
    expect(await client.connections.list()).toEqual([])
  })

  it('a model goes with everything that belongs to it, named before', async () => {
    await open(await modelPath(TINY))
    await page.getByRole('button', { name: 'Delete', exact: true }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByText('of all 2 versions').waitFor()
    await dialog.getByRole('textbox').fill(TINY)
    await dialog.getByRole('button', { name: 'Delete model' }).click()
    await page.waitForURL(/\/ui\/models\/?(\?|$)/)
    expect((await client.models.list({ origin: 'registered' })).items.map(({ name }) => name)).toEqual([HELD])
  })

  it('every page of the registry holds in both schemes and on a phone', async () => {
    const catalogue = await modelPath(SMALL)
    const held = await modelPath(HELD)
    const places = [
      'models',
      catalogue,
      `${catalogue}?tab=performance`,
      held,
      `${held}?tab=versions`,
      'settings',
      'settings/model-policy',
    ]
    for (const [scheme, width, height] of faces) {
      await page.emulateMedia({ colorScheme: scheme })
      await page.setViewportSize({ width, height })
      for (const [index, place] of places.entries()) {
        await open(place)
        await page.getByRole('heading', { level: 1 }).first().waitFor()
        await page.getByRole('status', { name: 'Loading' }).first().waitFor({ state: 'detached' })
        await dashboard.shot(`registry-${index}-${scheme}-${width}`)
        await dashboard.expectAccessible(`${place} ${scheme} ${width}`)
        const beyond = await page.evaluate(
          () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
        )
        expect(beyond, `${place} at ${width}`).toBe(0)
      }
    }
    // A store that does not answer is what one of the tests asks for.
    expect(dashboard.problems.filter((problem) => !problem.includes('503'))).toEqual([])
  })
})

const blocks = (page: Page): Promise<number> => page.getByRole('button', { name: /^Waive .* in extra\.pkl$/ }).count()

async function waiveFirst(page: Page, dashboard: OpenedDashboard, left: number): Promise<void> {
  await page
    .getByRole('button', { name: /^Waive .* in extra\.pkl$/ })
    .first()
    .click()
  const dialog = page.getByRole('dialog')
  await dialog.getByRole('button', { name: 'Waive', exact: true }).click()
  await dialog.getByText('say why').waitFor()
  await dialog.getByLabel('Reason').fill('Made for a test; it is never loaded.')
  await dashboard.expectAccessible('waive')
  await dialog.getByRole('button', { name: 'Waive', exact: true }).click()
  await expect.poll(() => blocks(page)).toBe(left - 1)
}
