/** MinIO: how it is built and started. */
import { join } from 'node:path'
import { buildGoProgram, type GoProgram, isBuilt, partFolder } from './program.ts'
import { type S3Server, startS3Server } from './s3-server.ts'

const VERSION = '0.0.0-20260212201848-7aac2a2c5b7c'
const minio: GoProgram = {
  folder: `minio-${VERSION}`,
  program: 'minio',
  module: `github.com/minio/minio@v${VERSION}`,
}

export const isMinioBuilt = (): boolean => isBuilt(minio)
export const buildMinio = (): Promise<void> => buildGoProgram(minio)

export const startMinio = (): Promise<S3Server> =>
  startS3Server({
    name: 'minio',
    command: join(partFolder(minio.folder), minio.program),
    args: ({ port, dataFolder }) => [
      ...['server', dataFolder, '--address', `127.0.0.1:${port}`],
      ...['--console-address', '127.0.0.1:0', '--quiet'],
    ],
    env: ({ accessKeyId, secretAccessKey }) => ({
      MINIO_ROOT_USER: accessKeyId,
      MINIO_ROOT_PASSWORD: secretAccessKey,
      MINIO_DOMAIN: 's3.localhost',
      MINIO_BROWSER: 'off',
      MINIO_UPDATE: 'off',
    }),
    domain: 's3.localhost',
    healthPath: '/minio/health/ready',
  })
