/** The last good snapshot as one JSON file, replaced atomically. */
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { messageOf, RouteSnapshot } from '@bud/kernel'
import type { Logger, SnapshotStore } from '../ports.ts'

export function createFileSnapshotStore(file: string, logger: Logger): SnapshotStore {
  return {
    async load() {
      try {
        return RouteSnapshot.parse(JSON.parse(await readFile(file, 'utf8')))
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ENOENT')
          logger.warn(`The kept snapshot ${file} cannot be used: ${messageOf(error)}. Waiting for the control plane.`)
        return undefined
      }
    },
    async save(snapshot) {
      await mkdir(dirname(file), { recursive: true, mode: 0o700 })
      const temporary = `${file}.${process.pid}`
      await writeFile(temporary, JSON.stringify(snapshot), { mode: 0o600 })
      await rename(temporary, file)
    },
  }
}
