/** Temporary credentials by MinIO’s own STS, as roles in clouds give them out; with a policy they may do less. */
import { createHash, createHmac } from 'node:crypto'
import type { S3Place } from '@bud/budmodel/adapters/s3-client'
import type { S3Server } from './s3-server.ts'

const SCOPE = 'us-east-1/sts/aws4_request'
const HEADERS = 'content-type;host;x-amz-date'
const FORM = 'application/x-www-form-urlencoded'

type Session = Required<Pick<S3Place, 'accessKeyId' | 'secretAccessKey' | 'sessionToken'>>

export async function sessionOf(server: S3Server, policy?: object): Promise<Session> {
  const form = { Action: 'AssumeRole', Version: '2011-06-15', DurationSeconds: '3600' }
  const body = new URLSearchParams({ ...form, ...(policy ? { Policy: JSON.stringify(policy) } : {}) }).toString()
  const date = new Date().toISOString().replace(/[-:]|\.\d+/g, '')
  const host = `127.0.0.1:${server.port}`
  const answer = await fetch(server.endpoint, {
    method: 'POST',
    headers: { 'content-type': FORM, 'x-amz-date': date, authorization: authorization(server, { body, date, host }) },
    body,
  })
  const text = await answer.text()
  const field = (name: string): string => new RegExp(`<${name}>([^<]+)</${name}>`).exec(text)?.[1] ?? ''
  if (!answer.ok) throw new Error(`AssumeRole answered ${answer.status}: ${text}`)
  return {
    accessKeyId: field('AccessKeyId'),
    secretAccessKey: field('SecretAccessKey'),
    sessionToken: field('SessionToken'),
  }
}

/** Signature version 4. */
function authorization(server: S3Server, { body, date, host }: { body: string; date: string; host: string }): string {
  const headers = `content-type:${FORM}\nhost:${host}\nx-amz-date:${date}\n`
  const request = ['POST', '/', '', headers, HEADERS, sha256(body)].join('\n')
  const day = date.slice(0, 8)
  const toSign = ['AWS4-HMAC-SHA256', date, `${day}/${SCOPE}`, sha256(request)].join('\n')
  let key: Buffer = Buffer.from(`AWS4${server.secretAccessKey}`)
  for (const part of [day, ...SCOPE.split('/')]) key = createHmac('sha256', key).update(part).digest()
  const signature = createHmac('sha256', key).update(toSign).digest('hex')
  return `AWS4-HMAC-SHA256 Credential=${server.accessKeyId}/${day}/${SCOPE}, SignedHeaders=${HEADERS}, Signature=${signature}`
}

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex')
