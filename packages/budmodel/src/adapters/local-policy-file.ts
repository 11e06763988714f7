/** The policy as a file of this machine; written whole or not at all. */
import { randomUUID } from 'node:crypto'
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { failed, messageOf } from '@bud/kernel'
import type { PolicyFile } from '../ports.ts'

const MAX_BYTES = 1024 * 1024

export interface LocalPolicyFileOptions {
  path: string
  /** For people, e.g. "model-policy.yaml in the data folder". */
  described: string
}

export function createLocalPolicyFile({ path, described }: LocalPolicyFileOptions): PolicyFile {
  return {
    described,
    async read() {
      try {
        const text = await readFile(path)
        if (text.length > MAX_BYTES) throw failed(`${described} has more than ${MAX_BYTES} bytes.`)
        return text.toString('utf8')
      } catch (error) {
        if (isMissing(error)) return undefined
        throw error
      }
    },
    async write(text) {
      const temporary = `${path}.${randomUUID()}`
      try {
        await mkdir(dirname(path), { recursive: true })
        await writeFile(temporary, text, { mode: 0o640, flush: true })
        await rename(temporary, path)
      } catch (error) {
        await rm(temporary, { force: true }).catch(() => {})
        throw failed(
          `${described} cannot be written (${messageOf(error)}). Change it where it is managed, e.g. in its ConfigMap.`,
          [],
          error,
        )
      }
    },
  }
}

const isMissing = (error: unknown): boolean => error instanceof Error && 'code' in error && error.code === 'ENOENT'
