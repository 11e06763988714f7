/** A Foundry's side of a push: remembers which parts have arrived, and refuses what a test says. */
import { createHash } from 'node:crypto'
import { json, refusal, type Script, type ScriptedFoundry } from './scripted-foundry.ts'

interface AnnouncedFile {
  bytes: number
  sha256: string | undefined
  parts: Map<number, string>
  complete: boolean
}

export interface ScriptedUploads {
  files: Map<string, AnnouncedFile>
  /** What is stored of a file, in order. */
  contentOf(path: string): string
  /** Answers in the server's place when it says so; `tried`: how often this part was sent before. */
  refuse: (part: number, tried: number) => Script | undefined
  /** The server has swept it. */
  drop(): void
}

const UPLOAD = 'upload-1'

/** `store`: where parts go by signed addresses; else they come here. Contents are ASCII. */
export function scriptUploads(foundry: ScriptedFoundry, partBytes: number, store?: ScriptedFoundry): ScriptedUploads {
  const uploads: ScriptedUploads = {
    files: new Map(),
    contentOf: (path) =>
      [...(uploads.files.get(path)?.parts ?? [])]
        .sort(([a], [b]) => a - b)
        .map(([, content]) => content)
        .join(''),
    refuse: () => undefined,
    drop: () => foundry.on(`GET /uploads/${UPLOAD}`, refusal(404, 'NOT_FOUND', 'It is gone.')),
  }
  const { files } = uploads
  let signatures = 0
  const opened = { id: UPLOAD, source_path: `upload://${UPLOAD}` }
  const standOf = (path: string, file: AnnouncedFile) => {
    const count = Math.ceil(file.bytes / partBytes)
    const numbers = Array.from({ length: count }, (_, at) => at + 1).filter((number) => !file.parts.has(number))
    return {
      path,
      bytes: file.bytes,
      complete: file.complete,
      bytes_arrived: [...file.parts.values()].reduce((sum, part) => sum + part.length, 0),
      part_bytes: partBytes,
      missing: numbers.slice(0, 3).map((number) => ({
        number,
        offset: (number - 1) * partBytes,
        bytes: Math.min(partBytes, file.bytes - (number - 1) * partBytes),
        url: store
          ? `${store.url}/bucket/${path}/${number}?signature=${++signatures}`
          : `/uploads/${UPLOAD}/parts/${number}/${path}`,
      })),
    }
  }
  const takeParts = (path: string, file: AnnouncedFile) => {
    const tries = new Map<number, number>()
    for (let number = 1; number <= Math.ceil(file.bytes / partBytes); number++) {
      const place = store ? `/bucket/${path}/${number}` : `/uploads/${UPLOAD}/parts/${number}/${path}`
      ;(store ?? foundry).on(`PUT ${place}`, (request, response) => {
        const tried = tries.get(number) ?? 0
        tries.set(number, tried + 1)
        const refused = uploads.refuse(number, tried)
        if (refused) return refused(request, response)
        file.parts.set(number, request.body)
        json(200, {})(request, response)
      })
    }
  }
  foundry.on('POST /uploads', (request, response) => {
    files.clear()
    foundry.on(`GET /uploads/${UPLOAD}`, (again, answer) => {
      const listed = [...files].map(([path, { bytes, complete }]) => ({ path, bytes, complete }))
      json(200, { ...opened, created_at: '2026-01-01T00:00:00.000Z', files: listed })(again, answer)
    })
    json(201, opened)(request, response)
  })
  foundry.on(`DELETE /uploads/${UPLOAD}`, json(200, {}))
  foundry.on(`POST /uploads/${UPLOAD}/files`, (request, response) => {
    const { path, bytes, sha256 } = JSON.parse(request.body)
    const known = files.get(path)
    const isSame = known?.bytes === bytes && known?.sha256 === sha256
    const file: AnnouncedFile = known && isSame ? known : { bytes, sha256, parts: new Map(), complete: false }
    if (file !== known) {
      files.set(path, file)
      takeParts(path, file)
    }
    json(200, standOf(path, file))(request, response)
  })
  foundry.on(`POST /uploads/${UPLOAD}/complete`, (request, response) => {
    const { path } = JSON.parse(request.body)
    const file = files.get(path)
    const content = uploads.contentOf(path)
    if (!file || content.length !== file.bytes || createHash('sha256').update(content).digest('hex') !== file.sha256)
      return refusal(422, 'UNPROCESSABLE_CONTENT', `${path} is not what was announced.`)(request, response)
    file.complete = true
    json(200, standOf(path, file))(request, response)
  })
  return uploads
}

/** Takes a small file as it comes. */
export function takeWhole(foundry: ScriptedFoundry, uploads: ScriptedUploads, path: string): void {
  const place = path.split('/').map(encodeURIComponent).join('/')
  foundry.on(`PUT /uploads/${UPLOAD}/files/${place}`, (request, response) => {
    const { body } = request
    uploads.files.set(path, { bytes: body.length, sha256: undefined, parts: new Map([[1, body]]), complete: true })
    json(200, { path, bytes: body.length })(request, response)
  })
}
