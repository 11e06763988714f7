/** A random secret of this installation, made once and kept sealed in the database. */
import { randomBytes } from 'node:crypto'
import type { Queryable, SecretBox } from '@bud/platform'
import { eq } from '@bud/platform/drizzle'
import { setting } from './tables.ts'

/** The same value for every control plane on this database. */
export async function installationSecret(query: Queryable, secrets: SecretBox, name: string): Promise<string> {
  const stored = () => query.select().from(setting).where(eq(setting.name, name))
  const [existing] = await stored()
  if (existing) return secrets.open(existing.sealedValue)
  await query
    .insert(setting)
    .values({ name, sealedValue: secrets.seal(randomBytes(32).toString('base64url')) })
    .onConflictDoNothing()
  const [created] = await stored()
  if (!created) throw new Error(`The setting "${name}" vanished while it was being made.`)
  return secrets.open(created.sealedValue)
}
