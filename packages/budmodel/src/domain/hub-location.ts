/** How a repository of a Hugging Face hub is written: `org/name`, `org/name@revision`. */

export interface HubLocation {
  /** `org/name`; models of the hub's first days have a name alone. */
  repository: string
  /** A branch, a tag or a commit; undefined: the repository's main line. */
  revision: string | undefined
}

const PART = '[A-Za-z0-9_](?:[A-Za-z0-9._-]{0,94}[A-Za-z0-9_])?'
const REPOSITORY = new RegExp(`^(?:${PART}/)?${PART}$`)
/** What git allows in the name of a branch or tag, as far as it matters in an address. */
const REVISION = /^(?!.*(?:\.\.|\/\/|@\{))[^\s?*[\\^~:\p{Cc}/][^\s?*[\\^~:\p{Cc}]{0,199}$/u
const OTHER_KINDS = ['datasets', 'spaces', 'buckets', 'kernels', 'models']

/** `undefined` when it is not a model's repository. A slash at the end does not matter. */
export function parseHubLocation(location: string): HubLocation | undefined {
  const at = location.indexOf('@')
  const repository = (at < 0 ? location : location.slice(0, at)).replace(/\/+$/, '')
  const revision = at < 0 ? undefined : location.slice(at + 1).replace(/\/+$/, '')
  if (!isHubRepository(repository)) return undefined
  if (revision !== undefined && !REVISION.test(revision)) return undefined
  return { repository, revision }
}

export const isHubRepository = (name: string): boolean =>
  REPOSITORY.test(name) && !/--|\.\.|\.git$/.test(name) && !OTHER_KINDS.includes(name.split('/')[0] ?? '')

/** What to write instead of a page's address, such as https://huggingface.co/org/name/tree/main. */
export function hubPathOfUrl(url: string): string | undefined {
  if (!/^https?:\/\//i.test(url) || !URL.canParse(url)) return undefined
  const [org = '', name = '', page, revision] = new URL(url).pathname.split('/').filter((part) => part !== '')
  const named = ['tree', 'blob', 'resolve', 'commit'].includes(page ?? '') ? revision : undefined
  const location = `${org}/${name}${named === undefined ? '' : `@${named}`}`
  return parseHubLocation(location) ? `hf://${location}` : undefined
}
