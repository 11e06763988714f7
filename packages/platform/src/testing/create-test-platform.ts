/** A whole platform in memory for tests: the real database, the real flows, nothing left behind. */
import { createPglitePool, openPglite } from '../adapters/pglite-pool.ts'
import { assemblePlatform, type Platform, type PlatformOptions } from '../create-platform.ts'
import { randomSecretKey } from './random-secret-key.ts'
import { templateImage } from './template-image.ts'

/** Call `migrate` for your own tables, `flows.launch()` only where flows run, and `close()` in the end. */
export async function createTestPlatform(options: PlatformOptions = {}): Promise<Platform> {
  const db = await openPglite({ image: await templateImage() })
  return assemblePlatform({ ...createPglitePool(db), secretKey: randomSecretKey() }, options)
}
