/**
 * A PGlite data folder that is already initialised and migrated, kept as a tar archive in the cache folder of
 * node_modules: starting from it takes a tenth of the time of starting from nothing.
 */
import { createHash } from 'node:crypto'
import { openAsBlob } from 'node:fs'
import { mkdir, readdir, readFile, rename, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import { createPglitePool, openPglite } from '../adapters/pglite-pool.ts'
import { assemblePlatform } from '../create-platform.ts'
import { randomSecretKey } from './random-secret-key.ts'

const CACHE = fileURLToPath(new URL('../../../../node_modules/.cache/bud-platform', import.meta.url))
const MIGRATIONS = fileURLToPath(new URL('../adapters/migrations', import.meta.url))

/** Made on first use; several test workers may make it at the same time. */
export async function templateImage(): Promise<Blob> {
  const path = `${CACHE}/${await fingerprint()}.tar`
  try {
    return await openAsBlob(path)
  } catch {
    await mkdir(CACHE, { recursive: true })
    const draft = `${path}.${process.pid}`
    await writeFile(draft, Buffer.from(await (await buildImage()).arrayBuffer()))
    await rename(draft, path)
    return openAsBlob(path)
  }
}

async function buildImage(): Promise<Blob> {
  const db = await openPglite({})
  const platform = await assemblePlatform({ ...createPglitePool(db), secretKey: randomSecretKey() })
  await platform.flows.launch()
  await platform.flows.shutdown()
  const image = await db.dumpDataDir('none')
  await platform.close()
  return image
}

/** Changes with whatever the image is made from. */
async function fingerprint(): Promise<string> {
  const hash = createHash('sha256')
  const require = createRequire(import.meta.url)
  for (const name of ['@electric-sql/pglite', '@dbos-inc/dbos-sdk']) {
    const entry = require.resolve(name)
    const root = entry.slice(0, entry.lastIndexOf(name) + name.length)
    hash.update(await readFile(`${root}/package.json`))
  }
  for (const file of (await readdir(MIGRATIONS)).sort()) {
    if (file.endsWith('.sql')) hash.update(await readFile(`${MIGRATIONS}/${file}`))
  }
  return hash.digest('hex').slice(0, 16)
}
