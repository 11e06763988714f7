/** The guide's deployment document from a file or standard input; every problem is listed with its place. */
import { readFile } from 'node:fs/promises'
import { text as readAll } from 'node:stream/consumers'
import { type Deployment, invalidInput } from '@bud/kernel'

export async function readDeploymentFile(file: string): Promise<Deployment> {
  const text =
    file === '-'
      ? await readAll(process.stdin)
      : await readFile(file, 'utf8').catch((cause: NodeJS.ErrnoException) => {
          if (cause.code === 'ENOENT') throw invalidInput(`There is no file ${file}.`)
          throw invalidInput(`The file ${file} cannot be read: ${cause.message}`)
        })
  if (text.trim() === '')
    throw invalidInput(
      `${file === '-' ? 'Standard input' : `The file ${file}`} is empty; it should hold the deployment document.`,
    )
  const { parseDeploymentText } = await import('@bud/budcluster/deployment-text')
  return parseDeploymentText(text)
}
