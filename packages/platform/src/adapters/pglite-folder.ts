/** A PGlite folder whose very first start may be interrupted: half an empty database is no database. */
import { existsSync } from 'node:fs'
import { rm, writeFile } from 'node:fs/promises'
import type { PGlite } from '@electric-sql/pglite'
import { openPglite } from './pglite-pool.ts'

/** Creates the database on the first call; one whose creation was interrupted holds nothing yet and is made anew. */
export async function openPgliteFolder(folder: string): Promise<PGlite> {
  const mark = `${folder}.initialising`
  if (existsSync(mark)) await rm(folder, { recursive: true, force: true })
  if (!existsSync(folder)) await writeFile(mark, '')
  const db = await openPglite({ folder })
  await rm(mark, { force: true })
  return db
}
