/** What a Hugging Face hub and its file host answer, route by route. */
import { createHmac } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { json as readJson } from 'node:stream/consumers'
import { sendBytes } from './hub-bytes.ts'
import { commitOf, type HubFile, type HubRepository, treeEntries } from './hub-repository.ts'

export interface HubUser {
  /** Private repositories that this token may read. */
  reads?: readonly string[]
  /** Gated ones whose terms were accepted. */
  accepted?: readonly string[]
}

export interface HubTrouble {
  /** Which requests: for information, for a file's address, for the bytes of a small file, for those of a large one. */
  on: 'api' | 'resolve' | 'cache' | 'cdn'
  /** Only where the address contains it. */
  path?: string
  /** How often; once where not told otherwise. */
  times?: number
  /** The answer. */
  status?: number
  headers?: Record<string, string>
  body?: string
  /** The connection is reset before this byte of the file. */
  cutAt?: number
  /** Answers 200 with everything, whatever range was asked for. */
  ignoresRanges?: boolean
}

export interface HubRequest {
  host: 'hub' | 'cdn'
  method: string
  url: string
  authorization: string | undefined
  range: string | undefined
}

export interface Hub {
  repositories: Map<string, HubRepository>
  tokens: Readonly<Record<string, HubUser>>
  troubles: HubTrouble[]
  requests: HubRequest[]
  /** What the file host has under each digest. */
  objects: Map<string, HubFile>
  secret: Buffer
  cdnUrl: string
  url: string
}

const TREE_PAGE = 1000
const TREE_PAGE_EXPANDED = 50

type Answered = Promise<void> | void
export type Answer = (hub: Hub, request: IncomingMessage, response: ServerResponse, url: URL) => Answered

function takeTrouble(hub: Hub, on: HubTrouble['on'], address: string): HubTrouble | undefined {
  const found = hub.troubles.find((trouble) => trouble.on === on && address.includes(trouble.path ?? ''))
  if (!found) return undefined
  found.times = (found.times ?? 1) - 1
  if (found.times <= 0) hub.troubles.splice(hub.troubles.indexOf(found), 1)
  return found
}

/** True when that was the answer. */
function troubled(response: ServerResponse, trouble: HubTrouble | undefined): boolean {
  if (trouble?.status === undefined) return false
  response.writeHead(trouble.status, trouble.headers).end(trouble.body ?? '')
  return true
}

const json = (response: ServerResponse, body: unknown, headers: Record<string, string> = {}): void => {
  response.writeHead(200, { 'content-type': 'application/json; charset=utf-8', ...headers }).end(JSON.stringify(body))
}

function refuse(response: ServerResponse, status: number, code: string | undefined, message: string): void {
  const headers = { 'content-type': 'application/json; charset=utf-8', 'x-error-message': message }
  response.writeHead(status, code ? { ...headers, 'x-error-code': code } : headers)
  response.end(JSON.stringify({ error: message }))
}

export const answerHub: Answer = (hub, request, response, url) => {
  const path = decodeURI(url.pathname)
  if (path === '/api/whoami-v2' || path === '/api/models') return answerGeneral(hub, request, response, path)
  const api = /^\/api\/models\/(.+)$/.exec(path)?.[1]
  const cached = /^\/api\/resolve-cache\/models\/(.+)$/.exec(path)?.[1]
  const kind = cached !== undefined ? 'cache' : api !== undefined ? 'api' : 'resolve'
  const trouble = takeTrouble(hub, kind, url.href)
  if (troubled(response, trouble)) return
  const asked = cached ?? api ?? path.slice(1)
  const found = findRepository(hub, asked)
  const moved = found && movedTo(found, asked)
  if (moved !== undefined) {
    const location = url.pathname.replace(asked, moved) + url.search
    response.writeHead(307, { location }).end()
    return
  }
  const rest = found ? asked.slice(found.name.length + 1).split('/') : []
  const permission = allowed(hub, found, request, kind !== 'api' || rest[0] === 'auth-check')
  if (permission !== true) return refuse(response, ...permission)
  if (!found) return
  if (kind === 'api') return answerApi({ hub, request, response, url, trouble }, found, rest)
  const [page, ...file] = kind === 'cache' ? ['cache', ...rest] : rest
  const [revision = '', ...names] = file
  return answerFile({ hub, request, response, url, trouble }, found, page ?? '', decodeURIComponent(revision), names)
}

/** What concerns no single repository. */
function answerGeneral(hub: Hub, { headers }: IncomingMessage, response: ServerResponse, path: string): Answered {
  const token = headers.authorization?.replace(/^Bearer /, '')
  if (token !== undefined && !hub.tokens[token]) return refuse(response, ...UNKNOWN_TOKEN)
  if (path === '/api/models') {
    const listed = [...hub.repositories.values()].filter((repository) => !repository.private)
    return json(
      response,
      listed.map(({ name }) => ({ id: name, modelId: name })),
    )
  }
  if (token === undefined) return refuse(response, 401, undefined, 'Invalid username or password.')
  return json(response, { type: 'user', name: 'reader' })
}

function findRepository({ repositories }: Hub, asked: string): HubRepository | undefined {
  const under = (name: string) => asked === name || asked.startsWith(`${name}/`)
  return [...repositories.values()].find(({ name, formerly = [] }) => under(name) || formerly.some(under))
}

function movedTo({ name, formerly = [] }: HubRepository, asked: string): string | undefined {
  const old = formerly.find((former) => asked === former || asked.startsWith(`${former}/`))
  return old === undefined || asked.startsWith(name) ? undefined : name + asked.slice(old.length)
}

type Refusal = [status: number, code: string | undefined, message: string]
const UNKNOWN_TOKEN: Refusal = [401, undefined, 'Invalid credentials in Authorization header']

/** `content`: information about gated repositories is public, their files are not. */
function allowed(
  { tokens }: Hub,
  repository: HubRepository | undefined,
  { headers }: IncomingMessage,
  content: boolean,
): true | Refusal {
  const token = headers.authorization?.replace(/^Bearer /, '')
  const user = token === undefined ? undefined : tokens[token]
  if (token !== undefined && !user) return UNKNOWN_TOKEN
  if (!repository || (repository.private && !user?.reads?.includes(repository.name))) {
    return user ? [404, 'RepoNotFound', 'Repository not found'] : [401, 'RepoNotFound', 'Invalid username or password.']
  }
  if (repository.disabled) return [403, 'DisabledRepo', 'Access to this resource is disabled.']
  if (!content || !repository.gated || user?.accepted?.includes(repository.name)) return true
  const message = `Access to model ${repository.name} is restricted and you are not in the authorized list.`
  return [user ? 403 : 401, 'GatedRepo', message]
}

async function answerApi(exchange: Exchange, repository: HubRepository, rest: readonly string[]): Promise<void> {
  const { hub, request, response, url } = exchange
  const [what, revision = 'main', ...folder] = rest
  if (what === 'auth-check') return json(response, {})
  if (what === 'refs') {
    const refs = (names: Map<string, string>, kind: string) =>
      [...names].map(([name, targetCommit]) => ({ name, ref: `refs/${kind}/${name}`, targetCommit }))
    return json(response, {
      branches: refs(repository.branches, 'heads'),
      converts: [],
      tags: refs(repository.tags, 'tags'),
    })
  }
  const commit = commitOf(repository, decodeURIComponent(revision))
  const tree = repository.commits.get(commit ?? '')
  if (!commit || !tree) return refuse(response, 404, 'RevisionNotFound', `Invalid rev id: ${revision}`)
  if (what === undefined || what === 'revision') return json(response, infoOf(repository, commit, tree, url))
  if (what === 'paths-info') {
    const { paths } = (await readJson(request)) as { paths: string[] }
    const found = paths.map((path) => tree.get(path)).filter((file) => file !== undefined)
    return json(
      response,
      found.map((file) => treeEntry(file, undefined)),
    )
  }
  if (what !== 'tree') return refuse(response, 404, undefined, 'Sorry, we cannot find the page you are looking for.')
  const expand = url.searchParams.get('expand') === 'true'
  const entries = treeEntries(tree, folder.join('/'), url.searchParams.get('recursive') === 'true')
  const start = Number(Buffer.from(url.searchParams.get('cursor') ?? '', 'base64url').toString() || 0)
  const end = start + (expand ? TREE_PAGE_EXPANDED : TREE_PAGE)
  const next = new URL(url)
  next.searchParams.set('cursor', Buffer.from(`${end}`).toString('base64url'))
  const page = entries.slice(start, end).map((entry) => treeEntry(entry, expand ? commit : undefined))
  return json(
    response,
    page,
    end < entries.length ? { link: `<${hub.url}${next.pathname}${next.search}>; rel="next"` } : {},
  )
}

function treeEntry(entry: ReturnType<typeof treeEntries>[number], commit: string | undefined): object {
  const last = commit && { lastCommit: { id: commit, title: 'Add files', date: '2026-01-01T00:00:00.000Z' } }
  if ('folder' in entry) return { type: 'directory', oid: '0'.repeat(40), size: 0, path: entry.path, ...(last || {}) }
  const { path, bytes, oid, lfs } = entry
  const large = lfs && {
    lfs: { oid: lfs.sha256, size: bytes, pointerSize: lfs.pointerSize },
    xetHash: xetHash(lfs.sha256),
  }
  return { type: 'file', oid, size: bytes, ...large, path, ...(last || {}) }
}

/** Of another kind than the digest: nobody may take one for the other. */
const xetHash = (sha256: string): string => sha256.split('').reverse().join('')

function infoOf(repository: HubRepository, sha: string, tree: ReadonlyMap<string, HubFile>, url: URL): object {
  const { name } = repository
  const all: Record<string, unknown> = {
    author: name.split('/')[0],
    sha,
    lastModified: '2026-01-01T00:00:00.000Z',
    createdAt: '2026-01-01T00:00:00.000Z',
    private: repository.private ?? false,
    gated: repository.gated ?? false,
    disabled: repository.disabled ?? false,
    downloads: 0,
    likes: 0,
    tags: ['safetensors', 'text-generation'],
    pipeline_tag: 'text-generation',
    library_name: 'transformers',
    siblings: [...tree.keys()].sort().map((rfilename) => ({ rfilename })),
  }
  const asked = url.searchParams.getAll('expand')
  const shown = asked.length === 0 ? all : Object.fromEntries(asked.map((field) => [field, all[field]]))
  return { _id: '6500000000000000000000aa', id: name, modelId: name, ...shown }
}

interface Exchange {
  hub: Hub
  request: IncomingMessage
  response: ServerResponse
  url: URL
  trouble: HubTrouble | undefined
}

function answerFile(
  exchange: Exchange,
  repository: HubRepository,
  page: string,
  revision: string,
  names: readonly string[],
): Answered {
  const { hub, request, response, trouble } = exchange
  const commit = commitOf(repository, revision)
  const tree = repository.commits.get(commit ?? '')
  if (!commit || !tree) return refuse(response, 404, 'RevisionNotFound', `Invalid rev id: ${revision}`)
  const path = names.map(decodeURIComponent).join('/')
  const file = tree.get(path)
  if (!file || !['resolve', 'cache'].includes(page)) return refuse(response, 404, 'EntryNotFound', 'Entry not found')
  const etag = `"${file.lfs?.sha256 ?? file.oid}"`
  const linked = {
    'x-repo-commit': commit,
    'x-linked-size': `${file.bytes}`,
    'x-linked-etag': etag,
    'accept-ranges': 'bytes',
  }
  if (page === 'cache') {
    response.setHeaders(new Map(Object.entries(linked)))
    return sendBytes(request, response, file, { etag, compresses: true, trouble })
  }
  if (!file.lfs) {
    const address = names.map(encodeURIComponent).join('/')
    const location = `/api/resolve-cache/models/${repository.name}/${commit}/${address}?etag=${encodeURIComponent(etag)}`
    response.writeHead(307, { ...linked, location }).end()
    return
  }
  hub.objects.set(file.lfs.sha256, hub.objects.get(file.lfs.sha256) ?? file)
  if (repository.xet && request.headers.accept?.includes('application/vnd.xet-fileinfo+json')) {
    const links = `<${hub.url}/api/models/${repository.name}/xet-read-token/${commit}>; rel="xet-auth"`
    return json(
      response,
      { hash: xetHash(file.lfs.sha256) },
      {
        ...linked,
        link: links,
        'x-xet-hash': xetHash(file.lfs.sha256),
        'content-type': 'application/vnd.xet-fileinfo+json',
      },
    )
  }
  response.writeHead(302, { ...linked, location: signed(hub, file.lfs.sha256) }).end()
}

function signed({ cdnUrl, secret }: Hub, digest: string): string {
  const path = `/xet-bridge/${digest}?Expires=1893456000&Key-Pair-Id=K1`
  return `${cdnUrl}${path}&Signature=${createHmac('sha256', secret).update(path).digest('hex')}`
}

/** The file host knows nobody's token: only addresses that the hub has signed. */
export const answerCdn: Answer = (hub, request, response, url) => {
  const trouble = takeTrouble(hub, 'cdn', url.href)
  if (troubled(response, trouble)) return
  const digest = url.pathname.split('/').at(-1) ?? ''
  if (signed(hub, digest) !== url.href)
    return void response.writeHead(403).end('<Error><Code>AccessDenied</Code></Error>')
  if (request.headers.authorization !== undefined) {
    return void response.writeHead(400).end('<Error><Message>Only one auth mechanism allowed</Message></Error>')
  }
  const file = hub.objects.get(digest)
  if (!file) return void response.writeHead(404).end()
  // A part of another digest than the object's address: as its own storage names it.
  const etag = `"${(file.lfs?.sha256 ?? file.oid).slice(0, 32)}"`
  return sendBytes(request, response, file, { etag, compresses: false, trouble })
}
