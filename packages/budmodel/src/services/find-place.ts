/** From a source path to the place it names. */
import { invalidInput } from '@bud/kernel'
import { printable } from '../domain/file-path.ts'
import { hubPathOfUrl } from '../domain/hub-location.ts'
import type { SourcePlace } from '../ports.ts'
import type { Context } from './context.ts'

const EXAMPLES: Record<string, string> = {
  s3: 's3://bucket/folder',
  hf: 'hf://org/name or hf://org/name@revision',
  file: 'file:///folder/of/this/machine',
  upload: 'upload://upload-…',
}

/** `<scheme>://<location>`, or a pinned path, which finds the same place again. */
export async function findPlace(
  { sources }: Pick<Context, 'sources'>,
  projectId: string,
  sourcePath: string,
): Promise<SourcePlace> {
  const [, scheme = '', location = ''] = /^([a-z][a-z0-9+.-]*):\/\/(.*)$/s.exec(sourcePath) ?? []
  const source = sources.find((candidate) => candidate.scheme === scheme)
  if (source && location !== '') return source.find({ project_id: projectId, location })
  const shown = printable(sourcePath.slice(0, 200))
  const hub = sources.some((candidate) => candidate.scheme === 'hf') ? hubPathOfUrl(sourcePath) : undefined
  throw invalidInput(`The source path "${shown}" cannot be read.`, [
    {
      code: 'source-path-invalid',
      message: `A source path is ${sources.map((known) => EXAMPLES[known.scheme] ?? `${known.scheme}://…`).join(', ')}.`,
      path: 'source_path',
      next_step: hub ? `Write ${hub}.` : 'Name a place of one of these kinds, or send the files as an upload.',
    },
  ])
}
