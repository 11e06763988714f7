/**
 * `hf://org/name@revision`: repositories of the Hugging Face hub or a mirror, each pinned to one commit. The client
 * library asks for information and lists; bytes come over plain HTTP from the hub's resolve addresses, which serve
 * files kept by LFS and by Xet alike and can be resumed.
 */
import type { Readable } from 'node:stream'
import { BudError, type Clock, invalidInput, systemClock } from '@bud/kernel'
import { listFiles, modelInfo } from '@huggingface/hub'
import { z } from 'zod'
import { oddPathReason, printable } from '../domain/file-path.ts'
import { type HubLocation, hubPathOfUrl, isHubRepository, parseHubLocation } from '../domain/hub-location.ts'
import type { HubConnection, ModelSource, PlaceRequest, SourceFile, SourceListing, SourcePlace } from '../ports.ts'
import { type FileVersion, openHubFile } from './hugging-face-download.ts'
import { HuggingFaceHttp } from './hugging-face-http.ts'
import { type HubQuestion, notAHub } from './hugging-face-refusals.ts'
import { badSource, MAX_FILES, sortListing } from './source-listing.ts'

export interface HuggingFaceSourceOptions {
  /** A project's own hub; undefined: the public one, without a token. */
  connectionOf(projectId: string): Promise<HubConnection | undefined>
  clock?: Clock
}

const PUBLIC_HUB: HubConnection = { endpoint: 'https://huggingface.co', token: undefined }
const MAX_PAGES = 5000
const MAX_FOUND = 1000
/** Somebody waits for the answer. */
const FIND_PATIENCE_MS = 5000
/** A hub counts requests over five minutes. */
const READ_PATIENCE_MS = 330_000

export function createHuggingFaceModelSource({
  connectionOf,
  clock = systemClock,
}: HuggingFaceSourceOptions): ModelSource {
  const found = new Set<string>()
  return {
    scheme: 'hf',
    async find({ project_id, location }: PlaceRequest): Promise<SourcePlace> {
      const asked = parseHubLocation(location)
      if (!asked) throw notARepository(location)
      const http = new HuggingFaceHttp((await connectionOf(project_id)) ?? PUBLIC_HUB, clock)
      const keyOf = ({ repository, commit }: PinnedRepository) =>
        `${project_id} ${http.endpoint} ${repository}@${commit}`
      const { repository, revision: commit } = asked
      if (commit !== undefined && found.has(keyOf({ repository, commit }))) {
        return new HubPlace(http, { repository, commit })
      }
      const pinned = await pin(http, asked)
      // A commit stays what it is: an import that comes back for each of its parts does not ask each time.
      if (found.size >= MAX_FOUND) found.clear()
      found.add(keyOf(pinned))
      return new HubPlace(http, pinned)
    },
  }
}

interface PinnedRepository {
  repository: string
  commit: string
}

const Info = z.object({ name: z.string(), sha: z.string().regex(/^[0-9a-f]{40,64}$/), gated: z.unknown() })

async function pin(http: HuggingFaceHttp, { repository, revision }: HubLocation): Promise<PinnedRepository> {
  const question = questionOf(http, repository, revision)
  const options = { question, patienceMs: FIND_PATIENCE_MS }
  const info = modelInfo({
    name: repository,
    hubUrl: http.endpoint,
    additionalFields: ['sha'],
    fetch: http.fetchJson(options),
    ...(revision === undefined ? {} : { revision }),
  })
  const answer = Info.safeParse(await info.catch((error) => misunderstood(question, error)))
  if (!answer.success) throw notAHub(question, 'it tells no commit of the repository')
  const { name, sha, gated } = answer.data
  const pinned = { repository: isHubRepository(name) ? name : repository, commit: sha }
  // Everybody may read what a gated repository is; whether its files may be read is asked apart.
  if (gated) await checkAccess(http, pinned.repository, options)
  return pinned
}

async function checkAccess(
  http: HuggingFaceHttp,
  repository: string,
  options: { question: HubQuestion; patienceMs: number },
): Promise<void> {
  const { body } = await http.get(`/api/models/${repository}/auth-check`, options)
  await body.dump()
}

const Entry = z.object({
  type: z.string(),
  path: z.string(),
  size: z.number().int().nonnegative(),
  lfs: z.object({ oid: z.string() }).nullish(),
})

class HubPlace implements SourcePlace {
  readonly pinned: string
  readonly #http: HuggingFaceHttp
  readonly #repository: string
  readonly #commit: string
  /** What is known of a file's content: later reads have to be of the same. */
  readonly #versions = new Map<string, FileVersion>()

  constructor(http: HuggingFaceHttp, { repository, commit }: PinnedRepository) {
    this.pinned = `hf://${repository}@${commit}`
    this.#http = http
    this.#repository = repository
    this.#commit = commit
  }

  async list(): Promise<SourceListing> {
    const question = questionOf(this.#http, this.#repository, this.#commit)
    const listing: SourceListing = { files: [], refused: [] }
    const taken = new Set<string>()
    const entries = listFiles({
      repo: { type: 'model', name: this.#repository },
      revision: this.#commit,
      recursive: true,
      hubUrl: this.#http.endpoint,
      fetch: limited(this.#http.fetchJson({ question, patienceMs: READ_PATIENCE_MS }), question),
    })
    for await (const entry of understood(entries, question)) {
      const read = Entry.safeParse(entry)
      if (!read.success) throw notAHub(question, 'its list of files has entries without a path or size')
      if (read.data.type === 'directory' || isOfGit(read.data.path)) continue
      take(listing, taken, read.data)
      if (listing.files.length > MAX_FILES) throw tooManyFiles(this.pinned)
    }
    if (listing.files.length === 0) throw emptyRepository(this.pinned)
    this.#versions.clear()
    for (const { path, bytes } of listing.files) this.#versions.set(path, { bytes })
    return sortListing(listing)
  }

  async open(path: string, start = 0): Promise<Readable> {
    const odd = oddPathReason(path)
    if (odd) throw invalidInput(`The file name "${printable(path)}" cannot be used: it ${odd}.`)
    const question = { ...questionOf(this.#http, this.#repository, this.#commit), path }
    const { content, version } = await openHubFile(this.#http, {
      question,
      commit: this.#commit,
      path,
      start,
      known: this.#versions.get(path) ?? {},
      patienceMs: READ_PATIENCE_MS,
    })
    this.#versions.set(path, version)
    return content
  }
}

function take(listing: SourceListing, taken: Set<string>, { path, type, size, lfs }: z.infer<typeof Entry>): void {
  const odd = taken.has(path) ? 'is there twice' : oddPathReason(path)
  taken.add(path)
  const shown = printable(path)
  if (odd) {
    listing.refused.push({ path: shown, rule: 'odd-name', message: `The name "${shown}" ${odd}; it was not taken.` })
  } else if (type !== 'file') {
    const message = `${shown} is neither a file nor a folder; it was not taken.`
    listing.refused.push({ path, rule: 'special-file', message })
  } else {
    const sha256 = lfs && /^[0-9a-f]{64}$/.test(lfs.oid) ? lfs.oid : undefined
    const file: SourceFile = { path, bytes: size, ...(sha256 === undefined ? {} : { sha256 }) }
    listing.files.push(file)
  }
}

/** .gitattributes and its like say how git keeps the files: they are not of the model. */
const isOfGit = (path: string): boolean => path.split('/').some((part) => part.startsWith('.git'))

/** What the client library makes of JSON that it did not expect. */
function misunderstood(question: HubQuestion, error: unknown): never {
  throw error instanceof BudError ? error : notAHub(question, 'its JSON is not what a hub sends')
}

async function* understood<T>(entries: AsyncIterable<T>, question: HubQuestion): AsyncIterable<T> {
  try {
    yield* entries
  } catch (error) {
    misunderstood(question, error)
  }
}

/** A list that never ends is no list. */
function limited(ask: typeof fetch, question: HubQuestion): typeof fetch {
  let pages = 0
  return (input, init) => {
    pages++
    return pages > MAX_PAGES ? Promise.reject(notAHub(question, 'its list of files does not end')) : ask(input, init)
  }
}

const questionOf = (
  { endpoint, hasToken }: HuggingFaceHttp,
  repository: string,
  revision: string | undefined,
): HubQuestion => ({ endpoint, hasToken, repository, revision, path: undefined })

function notARepository(location: string): BudError {
  const shown = printable(location.slice(0, 200))
  const instead = hubPathOfUrl(location)
  return badSource(`"hf://${shown}" is not a model of a Hugging Face hub.`, {
    code: 'source-path-invalid',
    message: /^datasets\/|^spaces\//.test(location)
      ? 'Data sets and spaces are not models.'
      : 'After hf:// comes org/name, and after an @ a branch, a tag or a commit, if it is not to be the main branch.',
    next_step: instead ? `Write ${instead}.` : 'Write hf://org/name or hf://org/name@revision.',
  })
}

const emptyRepository = (pinned: string): BudError =>
  badSource(`${pinned} holds no files.`, {
    code: 'source-empty',
    message: 'There is no file in this commit but those of git itself.',
    next_step: 'Name a revision that holds the model’s files.',
  })

const tooManyFiles = (pinned: string): BudError =>
  badSource(`${pinned} holds more than ${MAX_FILES.toLocaleString('en')} files.`, {
    code: 'source-too-many-files',
    message: `A model may have ${MAX_FILES.toLocaleString('en')} files.`,
    next_step: 'Name a repository with the model alone.',
  })
