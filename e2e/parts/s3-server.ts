/** A real S3 server in a folder and on a port of its own, and what it takes to reach it. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3'
import type { S3Place } from '@bud/budmodel/adapters/s3-client'
import { freePort } from '../foundry.ts'
import { type RunningProgram, startProgram } from './program.ts'

export interface S3Server {
  name: string
  pid: number
  port: number
  /** Path style. */
  endpoint: string
  /** Virtual-host style: buckets are names below this one. */
  hostEndpoint: string
  accessKeyId: string
  secretAccessKey: string
  /** With the server’s own key. */
  connection(bucket: string, change?: Partial<S3Place>): S3Place
  createBucket(name: string): Promise<void>
  stop(): Promise<void>
}

export interface S3Program {
  name: string
  command: string
  args: (at: { port: number; dataFolder: string }) => string[]
  env: (key: { accessKeyId: string; secretAccessKey: string }) => Record<string, string>
  /** The name of which buckets are subdomains. */
  domain: string
  /** Answers when it can serve. */
  healthPath: string
}

const REGION = 'us-east-1'
const KEY = { accessKeyId: 'bud-suite', secretAccessKey: 'bud-suite-secret-0123456789' }

export async function startS3Server(program: S3Program): Promise<S3Server> {
  const folder = mkdtempSync(join(tmpdir(), `bud-${program.name}-`))
  const dataFolder = join(folder, 'data')
  const port = await freePort()
  const endpoint = `http://127.0.0.1:${port}`
  let running: RunningProgram
  try {
    running = await startProgram(program.command, program.args({ port, dataFolder }), {
      env: program.env(KEY),
      log: join(folder, 'log'),
      ready: async () => (await fetch(`${endpoint}${program.healthPath}`)).status < 500,
    })
  } catch (error) {
    rmSync(folder, { recursive: true, force: true })
    throw error
  }
  return {
    name: program.name,
    pid: running.pid,
    port,
    endpoint,
    hostEndpoint: `http://${program.domain}:${port}`,
    ...KEY,
    connection: (bucket, change) => ({ bucket, endpoint, region: REGION, ...KEY, pathStyle: true, ...change }),
    createBucket: async (name) => {
      const client = new S3Client({ endpoint, region: REGION, credentials: KEY, forcePathStyle: true })
      await client.send(new CreateBucketCommand({ Bucket: name }))
      client.destroy()
    },
    stop: async () => {
      await running.stop()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
