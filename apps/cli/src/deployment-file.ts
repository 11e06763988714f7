/** The guide's deployment document from a file or standard input; every problem is listed with its place. */
import type { Deployment } from '@bud/kernel'
import { readTextFile } from './read-text-file.ts'

export async function readDeploymentFile(file: string): Promise<Deployment> {
  const text = await readTextFile(file, 'the deployment document')
  const { parseDeploymentText } = await import('@bud/budcluster/deployment-text')
  return parseDeploymentText(text)
}
