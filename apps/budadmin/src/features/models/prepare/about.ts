/** A model's description and tags as people edit them. */
import { UpdateModel } from '@bud/contract'

export interface AboutForm {
  description: string
  tags: readonly string[]
}

type Parsed =
  | { ok: true; change: { description: string | null; tags: string[] } }
  | { ok: false; problems: Partial<Record<keyof AboutForm, string>> }

export function parseAbout({ description, tags }: AboutForm): Parsed {
  const change = {
    description: description.trim() || null,
    tags: [...new Set(tags.map((tag) => tag.trim().toLowerCase()).filter((tag) => tag !== ''))],
  }
  const { error } = UpdateModel.safeParse(change)
  if (!error) return { ok: true, change }
  const problems: Partial<Record<keyof AboutForm, string>> = {}
  for (const { path, message } of error.issues) {
    if (path[0] === 'description') problems.description = message
    if (path[0] === 'tags')
      problems.tags = typeof path[1] === 'number' ? `"${change.tags[path[1]]}": ${message}` : message
  }
  return { ok: false, problems }
}
