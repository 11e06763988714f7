/** A text from a file or standard input, with errors in words. */
import { readFile } from 'node:fs/promises'
import { text as readAll } from 'node:stream/consumers'
import { invalidInput } from '@bud/kernel'

/** `holds`: what should be in it, for messages, e.g. "the deployment document". */
export async function readTextFile(file: string, holds: string): Promise<string> {
  const content =
    file === '-'
      ? await readAll(process.stdin)
      : await readFile(file, 'utf8').catch((cause: NodeJS.ErrnoException) => {
          if (cause.code === 'ENOENT') throw invalidInput(`There is no file ${file}.`)
          throw invalidInput(`The file ${file} cannot be read: ${cause.message}`)
        })
  if (content.trim() !== '') return content
  throw invalidInput(`${file === '-' ? 'Standard input' : `The file ${file}`} is empty; it should hold ${holds}.`)
}
