/** A folder chosen in the browser as the files that are sent. */

export interface PlannedFile {
  /** Inside the model's folder; the chosen folder's own name is dropped. */
  path: string
  file: File
}

export interface UploadPlan {
  folder: string
  files: PlannedFile[]
  bytes: number
}

/** Hidden files (".git", ".DS_Store") are no part of a model. Returns undefined when nothing is left. */
export function planUpload(files: readonly File[]): UploadPlan | undefined {
  const kept = files
    .map((file) => ({ parts: (file.webkitRelativePath || file.name).split('/'), file }))
    .filter(({ parts }) => !parts.some((part) => part.startsWith('.')))
  const [first] = kept
  if (!first) return undefined
  const nested = kept.every(({ parts }) => parts.length > 1)
  return {
    folder: nested ? (first.parts[0] ?? '') : '',
    files: kept.map(({ parts, file }) => ({ path: (nested ? parts.slice(1) : parts).join('/'), file })),
    bytes: kept.reduce((sum, { file }) => sum + file.size, 0),
  }
}

export interface PartTarget {
  url: string
  /** Straight to the store: the session has no business there. */
  presigned: boolean
}

/** Relative addresses are this server's, absolute ones elsewhere are presigned. */
export function toTarget(url: string, origin: string): PartTarget {
  const target = new URL(url, origin)
  return { url: target.href, presigned: target.origin !== origin }
}

/** A model name made from a folder's or a path's last part: what the API would refuse becomes "-". */
export const toModelName = (folder: string): string =>
  folder
    .replace(/[^A-Za-z0-9._/-]+/g, '-')
    .replace(/^[^A-Za-z0-9]+/, '')
    .slice(0, 96)
