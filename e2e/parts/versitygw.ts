/** VersityGW, a second S3 server that shares no code with MinIO: how it is built and started. */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { buildGoProgram, type GoProgram, isBuilt, partFolder } from './program.ts'
import { type S3Server, startS3Server } from './s3-server.ts'

const VERSION = '1.8.0'
const versitygw: GoProgram = {
  folder: `versitygw-${VERSION}`,
  program: 'versitygw',
  module: `github.com/versity/versitygw/cmd/versitygw@v${VERSION}`,
}

export const isVersitygwBuilt = (): boolean => isBuilt(versitygw)
export const buildVersitygw = (): Promise<void> => buildGoProgram(versitygw)

export const startVersitygw = (): Promise<S3Server> =>
  startS3Server({
    name: 'versitygw',
    command: join(partFolder(versitygw.folder), versitygw.program),
    args: ({ port, dataFolder }) => {
      mkdirSync(dataFolder)
      const listen = ['--port', `127.0.0.1:${port}`, '--keep-alive', '--quiet', '--health', '/health']
      return [...listen, '--virtual-domain', 'gw.localhost', 'posix', dataFolder]
    },
    env: ({ accessKeyId, secretAccessKey }) => ({ ROOT_ACCESS_KEY: accessKeyId, ROOT_SECRET_KEY: secretAccessKey }),
    domain: 'gw.localhost',
    healthPath: '/health',
  })
