/** Puts the sample model into a folder of the person's choice. */
import { mkdir, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { conflict } from '@bud/kernel'
import { sampleModelFiles } from '../domain/sample-model/sample-model-files.ts'

export interface WrittenSample {
  folder: string
  files: string[]
  bytes: number
}

/** Creates the folder; refuses one that holds anything but an earlier sample. */
export async function writeSampleModel(folder: string): Promise<WrittenSample> {
  const files = sampleModelFiles()
  const names = files.map(({ path }) => path)
  await mkdir(folder, { recursive: true })
  const foreign = (await readdir(folder)).filter((name) => !names.includes(name))
  if (foreign.length > 0) {
    throw conflict(
      `${folder} holds other files already (${foreign.slice(0, 3).join(', ')}): name an empty or new folder.`,
    )
  }
  for (const { path, content } of files) await writeFile(join(folder, path), content)
  return { folder, files: names, bytes: files.reduce((sum, { content }) => sum + content.length, 0) }
}
