/** A registry in memory. */
import { createHash } from 'node:crypto'
import { Readable } from 'node:stream'
import { type ModelFacts, notFound } from '@bud/kernel'
import type { DeployableModel } from '../domain/records.ts'
import type { DeployableModels } from '../ports.ts'
import { NO_OBJECTION } from './cluster-views.ts'
import { LLAMA_8B } from './llama-facts.ts'

export class FakeModels implements DeployableModels {
  readonly models = new Map<string, DeployableModel>()
  readonly #files = new Map<string, string>()

  /** Available; with files when any are given. */
  add(
    name: string,
    { facts = LLAMA_8B, files }: { facts?: ModelFacts; files?: Record<string, string> } = {},
  ): DeployableModel {
    const version_id = `mver-${name}`
    const entries = Object.entries(files ?? {})
    for (const [path, text] of entries) this.#files.set(`${version_id}/${path}`, text)
    const model: DeployableModel = {
      model_id: `model-${name}`,
      name,
      version_id,
      facts,
      manifest: files
        ? {
            digest: sha256(JSON.stringify(files)),
            files: entries.map(([path, text]) => ({ path, bytes: Buffer.byteLength(text), sha256: sha256(text) })),
          }
        : null,
      state: { name: 'available', since: new Date(0).toISOString(), reasons: [] },
      has_files: files !== undefined,
      licence: NO_OBJECTION,
    }
    this.models.set(name, model)
    return model
  }

  /** Somebody writes into the store behind the registry's back. */
  tamper(name: string, path: string, text: string): void {
    this.#files.set(`mver-${name}/${path}`, text)
  }

  async resolveForDeployment(_projectId: string, idOrName: string): Promise<DeployableModel> {
    const found = [...this.models.values()].find(({ name, model_id, version_id }) =>
      [name, model_id, version_id].includes(idOrName),
    )
    if (!found) throw notFound('model', idOrName, 'GET /models lists them.')
    return found
  }

  async openFile(versionId: string, path: string): Promise<Readable> {
    const text = this.#files.get(`${versionId}/${path}`)
    if (text === undefined) throw notFound('file', `${versionId}/${path}`)
    return Readable.from([Buffer.from(text)])
  }
}

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex')
