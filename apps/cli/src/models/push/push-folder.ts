/** Sends a folder's files to the Foundry, several at a time; the same push later goes on where this one was cut off. */
import { BudError } from '@bud/kernel'
import { isConnectionError } from '../../errors.ts'
import { bytes } from '../../output.ts'
import type { Cli } from '../../verb.ts'
import type { LocalFile, LocalFolder } from './local-files.ts'
import { openPushJournal, type PushJournal } from './push-journal.ts'
import { createPushView } from './push-view.ts'
import { type Push, sendFile } from './send-file.ts'
import { eachOf, Slots } from './slots.ts'

export const DEFAULT_PARALLEL = 4

export interface PushOptions {
  /** Transfers at a time. */
  parallel?: number
  /** Forget what an earlier push has sent. */
  restart?: boolean
}

export interface PushedFolder {
  sourcePath: string
  /** The upload has been taken: the next push of the folder begins anew. */
  forget(): void
}

export async function pushFolder(
  cli: Cli,
  { folder, files }: LocalFolder,
  options: PushOptions = {},
): Promise<PushedFolder> {
  const journal = openPushJournal(cli.connection.url, folder)
  if (options.restart) await dropEarlier(cli, journal)
  const upload = (!options.restart && (await takeUp(cli, journal, files))) || (await open(cli, journal))
  const total = files.reduce((sum, file) => sum + file.bytes, 0)
  const parallel = options.parallel ?? DEFAULT_PARALLEL
  const slots = new Slots(parallel)
  const view = createPushView(cli, { fileCount: files.length, total })
  const push = { ...cli, uploadId: upload.id, arrived: upload.arrived, journal, slots, view }
  const stopped = () => {
    cli.say(`\nStopped. ${GO_ON}`)
    process.exit(130)
  }
  process.once('SIGINT', stopped)
  try {
    await sendAll(push, files, parallel)
  } catch (error) {
    if (error instanceof BudError || isConnectionError(error)) cli.say(`The push was cut off. ${GO_ON}`)
    throw error
  } finally {
    process.off('SIGINT', stopped)
  }
  return { sourcePath: upload.source_path, forget: () => journal.forget() }
}

async function sendAll(push: Push, files: readonly LocalFile[], parallel: number): Promise<void> {
  const send = (file: LocalFile) =>
    sendFile(push, file).catch((error) => {
      push.slots.stop(error)
      throw error
    })
  await eachOf(files, parallel, send).finally(() => push.view.end())
}

const GO_ON = 'The same command goes on with what is missing.'

interface OpenUpload {
  id: string
  source_path: string
  arrived: ReadonlyMap<string, number>
}

async function open(cli: Cli, journal: PushJournal): Promise<OpenUpload> {
  const upload = await cli.client.uploads.create()
  journal.begin(upload)
  return { ...upload, arrived: new Map() }
}

/** What an earlier push has begun, while the server knows it and it holds nothing that has left the folder. */
async function takeUp(cli: Cli, journal: PushJournal, files: readonly LocalFile[]): Promise<OpenUpload | undefined> {
  const { begun } = journal
  if (!begun) return undefined
  const known = await cli.client.uploads.get({ id: begun.uploadId }).catch(undefinedWhenGone)
  if (!known) return undefined
  const here = new Set(files.map(({ path }) => path))
  const gone = known.files.find(({ path }) => !here.has(path))
  if (gone) {
    cli.say(`${gone.path} is no longer in the folder, so the push begins anew.`)
    await dropEarlier(cli, journal)
    return undefined
  }
  const complete = known.files.filter((file) => file.complete)
  const sum = complete.reduce((total, file) => total + file.bytes, 0)
  cli.say(`Going on with an earlier push: ${complete.length} of ${files.length} files (${bytes(sum)}) are there.`)
  const arrived = new Map(complete.map((file) => [file.path, file.bytes]))
  return { id: begun.uploadId, source_path: begun.sourcePath, arrived }
}

async function dropEarlier(cli: Cli, journal: PushJournal): Promise<void> {
  if (journal.begun) await cli.client.uploads.delete({ id: journal.begun.uploadId }).catch(undefinedWhenGone)
  journal.forget()
}

/** Swept, or taken by a registration. */
function undefinedWhenGone(error: unknown): undefined {
  const status = error instanceof Error && 'status' in error ? error.status : undefined
  if (status === 404 || status === 409) return undefined
  throw error
}
