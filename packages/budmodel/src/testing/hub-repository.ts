/** Repositories as a Hugging Face hub keeps them: commits, branches and tags over git blobs and large-file pointers. */
import { createHash } from 'node:crypto'

/** `sha256` of content that is made while it is read has to be told. */
export interface GeneratedContent {
  bytes: number
  sha256: string
  read(start: number, end: number): Iterable<Uint8Array>
}

export type HubContent = string | Uint8Array | GeneratedContent

export interface HubCommitPlan {
  /** The whole tree. */
  files: Record<string, HubContent>
  /** "main" where not told otherwise. */
  branch?: string
  tag?: string
}

export interface HubRepositoryPlan {
  name: string
  /** Oldest first. */
  commits: readonly HubCommitPlan[]
  private?: boolean
  gated?: false | 'auto' | 'manual'
  disabled?: boolean
  /** Every file in git itself, none of them as a large one. */
  plain?: boolean
  /** Large files are offered over the Xet protocol too, to clients that ask for it. */
  xet?: boolean
  /** What it was called before: such addresses lead on to the new name. */
  formerly?: readonly string[]
}

export interface HubFile {
  path: string
  bytes: number
  /** Of the git blob: of the content itself, or of the pointer to it. */
  oid: string
  lfs: { sha256: string; pointerSize: number } | undefined
  content: HubContent
}

export interface HubRepository extends Omit<HubRepositoryPlan, 'commits'> {
  commits: Map<string, Map<string, HubFile>>
  branches: Map<string, string>
  tags: Map<string, string>
}

/** As in the hub's own .gitattributes, and anything that is too large for git. */
const LARGE = /\.(?:safetensors|bin|gguf|pt|pth|onnx|h5|npz|npy|pkl|zip|tar|model)$|(?:^|\/)tokenizer\.json$/
const TOO_LARGE_FOR_GIT = 10 * 1024 * 1024

const sha1 = (...parts: (string | Uint8Array)[]) => {
  const hash = createHash('sha1')
  for (const part of parts) hash.update(part)
  return hash.digest('hex')
}
const blobId = (content: Uint8Array) => sha1(`blob ${content.length}\0`, content)
const isGenerated = (content: HubContent): content is GeneratedContent =>
  typeof content === 'object' && 'read' in content

export function toHubFile(path: string, content: HubContent, inGit = false): HubFile {
  const plain = isGenerated(content) ? undefined : Buffer.from(content)
  const bytes = plain?.length ?? (content as GeneratedContent).bytes
  if (plain && (inGit || !LARGE.test(path)) && bytes < TOO_LARGE_FOR_GIT) {
    return { path, bytes, oid: blobId(plain), lfs: undefined, content }
  }
  const sha256 = plain ? createHash('sha256').update(plain).digest('hex') : (content as GeneratedContent).sha256
  const pointer = Buffer.from(`version https://git-lfs.github.com/spec/v1\noid sha256:${sha256}\nsize ${bytes}\n`)
  return { path, bytes, oid: blobId(pointer), lfs: { sha256, pointerSize: pointer.length }, content }
}

export function createHubRepository({ commits, ...plan }: HubRepositoryPlan): HubRepository {
  const repository: HubRepository = { ...plan, commits: new Map(), branches: new Map(), tags: new Map() }
  for (const commit of commits) addCommit(repository, commit)
  return repository
}

/** Answers the commit's id. */
export function addCommit(repository: HubRepository, { files, branch = 'main', tag }: HubCommitPlan): string {
  const tree = new Map(
    Object.entries(files).map(([path, content]) => [path, toHubFile(path, content, repository.plain)]),
  )
  const listed = [...tree.values()].map(({ path, oid }) => `${oid} ${path}\n`).join('')
  const id = sha1(`commit of ${repository.name}, parent ${repository.branches.get(branch) ?? 'none'}\n`, listed)
  repository.commits.set(id, tree)
  repository.branches.set(branch, id)
  if (tag) repository.tags.set(tag, id)
  return id
}

/** The commit that a branch, a tag, a pull request's reference or a commit id stands for. */
export function commitOf({ commits, branches, tags }: HubRepository, revision: string): string | undefined {
  if (revision === 'HEAD') return branches.get('main')
  return branches.get(revision) ?? tags.get(revision) ?? (commits.has(revision) ? revision : undefined)
}

export function* bytesOf({ content }: HubFile, start: number, end: number): Iterable<Uint8Array> {
  if (isGenerated(content)) return yield* content.read(start, end)
  const plain = Buffer.from(content)
  for (let at = start; at < end; at += 65_536) yield plain.subarray(at, Math.min(at + 65_536, end))
}

type TreeEntry = HubFile | { path: string; folder: true }

/** Of each tree and question: every page of a long list asks for it again. */
const lists = new WeakMap<ReadonlyMap<string, HubFile>, Map<string, TreeEntry[]>>()

/** One level of the tree below `folder`, or all of it; folders are entries too. In path order. */
export function treeEntries(tree: ReadonlyMap<string, HubFile>, folder: string, recursive: boolean): TreeEntry[] {
  const question = `${recursive} ${folder}`
  const known = lists.get(tree) ?? new Map<string, TreeEntry[]>()
  const list = known.get(question) ?? listTree(tree, folder, recursive)
  lists.set(tree, known.set(question, list))
  return list
}

function listTree(tree: ReadonlyMap<string, HubFile>, folder: string, recursive: boolean): TreeEntry[] {
  const prefix = folder === '' ? '' : `${folder}/`
  const entries = new Map<string, TreeEntry>()
  for (const file of tree.values()) {
    if (!file.path.startsWith(prefix)) continue
    const parts = file.path.slice(prefix.length).split('/')
    for (let depth = 1; depth < (recursive ? parts.length : Math.min(parts.length, 2)); depth++) {
      const path = `${prefix}${parts.slice(0, depth).join('/')}`
      entries.set(path, { path, folder: true })
    }
    if (recursive || parts.length === 1) entries.set(file.path, file)
  }
  return [...entries.values()].sort((a, b) => (a.path < b.path ? -1 : 1))
}
