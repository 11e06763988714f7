/** One file's way into an upload: whole when it is small, else its missing parts, several at a time. */
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import type { FoundryClient, UploadFile } from '@bud/contract'
import { failed } from '@bud/kernel'
import type { Connection } from '../../config.ts'
import { type LocalFile, requireUnchanged } from './local-files.ts'
import type { PushJournal } from './push-journal.ts'
import type { PushView } from './push-view.ts'
import { type Piece, putBytes, targetOf } from './put-bytes.ts'
import { withRetries } from './retry.ts'
import { eachOf, type Slots } from './slots.ts'

/** Smaller files go by one request; larger ones are announced with their digest, which holds the server to it. */
const WHOLE_BELOW_BYTES = 1024 * 1024
const CHUNK_BYTES = 1024 * 1024

export interface Push {
  client: FoundryClient
  connection: Pick<Connection, 'url' | 'token'>
  uploadId: string
  journal: PushJournal
  /** What the server has completely: path → bytes. */
  arrived: ReadonlyMap<string, number>
  slots: Slots
  view: PushView
}

export async function sendFile(push: Push, file: LocalFile): Promise<void> {
  const { journal, view } = push
  if (journal.wasSent(file) && push.arrived.get(file.path) === file.bytes) {
    view.found(file.bytes)
    return
  }
  if (file.bytes < WHOLE_BELOW_BYTES && !journal.wasAnnounced(file.path)) await sendWhole(push, file)
  else await sendInParts(push, file)
  journal.noteSent(file)
  view.sent(file)
}

async function sendWhole(push: Push, file: LocalFile): Promise<void> {
  const { slots, connection, uploadId } = push
  const url = `/uploads/${uploadId}/files/${file.path.split('/').map(encodeURIComponent).join('/')}`
  const piece = { ...file, offset: 0 }
  await slots.run(() => withRetries(slots.signal, () => putCounted(push, targetOf(connection, url), piece)))
  await requireUnchanged(file)
}

async function sendInParts(push: Push, file: LocalFile): Promise<void> {
  const { client, uploadId, slots, view } = push
  const sha256 = await digestOf(push, file)
  const { path, bytes } = file
  const ask = () => client.uploads.beginFile({ id: uploadId, path, bytes, sha256 })
  const stand = () => withRetries(slots.signal, ask)
  let now = await stand()
  view.found(now.bytes_arrived)
  while (now.missing.length > 0) {
    const before = now.bytes_arrived
    const { missing } = now
    await eachOf(missing, missing.length, (part) => slots.run(() => sendPart(push, file, part, ask)))
    now = await stand()
    if (!now.complete && now.bytes_arrived <= before) throw lost(path)
  }
  await requireUnchanged(file)
  if (now.complete) return
  // A part that was sent twice may still be arriving: that is a conflict for a moment.
  const complete = () => client.uploads.completeFile({ id: uploadId, path })
  await withRetries(slots.signal, complete, (status) => status === 409)
}

type Part = UploadFile['missing'][number]

/** Each further try asks where the part goes now; one that has arrived after all is not sent again. */
function sendPart(push: Push, file: LocalFile, part: Part, ask: () => Promise<UploadFile>): Promise<void> {
  return withRetries(push.slots.signal, async (tried) => {
    const current = tried === 0 ? part : (await ask()).missing.find(({ number }) => number === part.number)
    if (!current) {
      push.view.advance(part.bytes)
      return
    }
    const { offset, bytes } = current
    const piece = { path: file.path, absolute: file.absolute, offset, bytes }
    await putCounted(push, targetOf(push.connection, current.url), piece)
  })
}

/** What a broken try has sent does not count. */
async function putCounted({ slots, view }: Push, target: ReturnType<typeof targetOf>, piece: Piece): Promise<void> {
  let sent = 0
  const onBytes = (count: number) => {
    sent += count
    view.advance(count)
  }
  try {
    await putBytes(target, piece, { signal: slots.signal, onBytes })
  } catch (error) {
    view.advance(-sent)
    throw error
  }
}

/** Read before the first byte is sent, while other files are on their way; kept for the next push of the same file. */
async function digestOf({ journal, slots, view }: Push, file: LocalFile): Promise<string> {
  const known = journal.digestOf(file)
  if (known !== undefined) return known
  const hash = createHash('sha256')
  for await (const chunk of createReadStream(file.absolute, { highWaterMark: CHUNK_BYTES, signal: slots.signal })) {
    hash.update(chunk)
    view.reading(file, chunk.length)
  }
  await requireUnchanged(file)
  const sha256 = hash.digest('hex')
  journal.noteDigest(file, sha256)
  return sha256
}

const lost = (path: string) =>
  failed(`The server has taken parts of ${path} and does not have them: its store loses what is written.`)
