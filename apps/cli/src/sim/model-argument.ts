/** A model as the command line names it: the catalogue's name, a config.json, or a folder that holds one. */
import { readdir, stat } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { readJson } from './files.ts'

/** What a request may say in place of a name; see budsim's OptimizationRequest. */
export type ModelArgument = string | { name: string; config: unknown; weight_bytes?: number }

/** Paths are looked for from `base`. A text that is no file or folder is a name. */
export async function readModelArgument(given: string, base = '.'): Promise<ModelArgument> {
  const path = resolve(base, given)
  const found = await stat(path).catch(() => undefined)
  if (!found && !given.endsWith('.json')) return given
  const folder = found?.isDirectory() ? path : dirname(path)
  const file = found?.isDirectory() ? join(path, 'config.json') : path
  const weights = await weightBytes(folder)
  return { name: basename(folder), config: await readJson(file), ...(weights > 0 && { weight_bytes: weights }) }
}

/** Of the weight files beside the config. */
async function weightBytes(folder: string): Promise<number> {
  const names = await readdir(folder).catch(() => [])
  const sizes = await Promise.all(
    names.filter((name) => name.endsWith('.safetensors')).map(async (name) => (await stat(join(folder, name))).size),
  )
  return sizes.reduce((sum, size) => sum + size, 0)
}
