/** The bytes of one file of a hub from some byte on, certain to be of the content whose download began. */
import { Readable } from 'node:stream'
import { BudError } from '@bud/kernel'
import type { HubAnswer, HuggingFaceHttp } from './hugging-face-http.ts'
import { changedAtHub, type HubQuestion, notAHub } from './hugging-face-refusals.ts'

/** What is known of a file's content so far. */
export interface FileVersion {
  bytes?: number
  /** The hub's name for the content. */
  linked?: string
  /** The name that the host of the bytes has for it; another host may have another. */
  served?: { host: string; etag: string }
}

interface Download {
  question: HubQuestion
  commit: string
  path: string
  start: number
  known: FileVersion
  patienceMs: number
}

export async function openHubFile(
  http: HuggingFaceHttp,
  { question, commit, path, start, known, patienceMs }: Download,
): Promise<{ content: Readable; version: FileVersion }> {
  const address = path.split('/').map(encodeURIComponent).join('/')
  const condition = known.served?.etag.startsWith('W/') ? undefined : known.served?.etag
  const answer = await http.get(`/${question.repository}/resolve/${commit}/${address}`, {
    question,
    headers: {
      accept: '*/*',
      ...(start > 0 ? { range: `bytes=${start}-` } : {}),
      ...(start > 0 && condition !== undefined ? { 'if-range': condition } : {}),
    },
    patienceMs,
  })
  try {
    const version = versionOf(answer, known)
    const difference = differenceOf(known, version, answer.linked.commit, commit)
    if (difference !== undefined) throw changedAtHub(question, difference)
    return { content: contentOf(answer, start, version, question), version }
  } catch (error) {
    drop(answer.body)
    throw error
  }
}

function versionOf({ status, host, header, linked }: HubAnswer, known: FileVersion): FileVersion {
  const ranged = /\/(\d+)$/.exec(header('content-range') ?? '')?.[1]
  const total = ranged ?? (status === 200 ? header('content-length') : undefined)
  const bytes = total === undefined ? known.bytes : Number(total)
  const name = linked.etag ?? known.linked
  const etag = header('etag')
  const served = etag === undefined ? known.served : { host, etag }
  return {
    ...(bytes === undefined ? {} : { bytes }),
    ...(name === undefined ? {} : { linked: name }),
    ...(served === undefined ? {} : { served }),
  }
}

/** Every name that both sides know has to be the same one. */
function differenceOf(
  known: FileVersion,
  now: FileVersion,
  commit: string | undefined,
  pinned: string,
): string | undefined {
  if (commit !== undefined && commit !== pinned) return `commit ${pinned} → ${commit}`
  if (known.bytes !== undefined && now.bytes !== known.bytes) return `${known.bytes} → ${now.bytes} bytes`
  if (known.linked !== undefined && now.linked !== known.linked) return `${known.linked} → ${now.linked}`
  if (known.served && known.served.host === now.served?.host && bare(known.served.etag) !== bare(now.served.etag)) {
    return `${known.served.etag} → ${now.served.etag}`
  }
  return undefined
}

/** Whether a name is a weak one depends on what else the host does to the bytes. */
const bare = (etag: string): string => etag.replace(/^W\//, '')

function contentOf({ status, header, body }: HubAnswer, start: number, version: FileVersion, question: HubQuestion) {
  if (status === 416) {
    if (version.bytes !== undefined && version.bytes !== start) throw changedAtHub(question, `${version.bytes} bytes`)
    drop(body)
    return Readable.from([], { objectMode: false })
  }
  if (!['identity', undefined].includes(header('content-encoding'))) {
    throw notAHub(question, `it compresses ${question.path}, which was asked for as it is`)
  }
  if (start === 0) return body
  // A host that knows no ranges sends all of it again.
  if (status === 200) return Readable.from(skipping(body, start), { objectMode: false })
  if (!header('content-range')?.startsWith(`bytes ${start}-`)) {
    throw new BudError('unavailable', `${question.endpoint} sent another part of ${question.path} than was asked for.`)
  }
  return body
}

async function* skipping(body: AsyncIterable<Uint8Array>, bytes: number): AsyncIterable<Uint8Array> {
  let left = bytes
  for await (const chunk of body) {
    if (left < chunk.length) yield chunk.subarray(left)
    left = Math.max(0, left - chunk.length)
  }
}

function drop(body: Readable): void {
  body.on('error', () => {})
  body.destroy()
}
