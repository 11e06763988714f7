/** Sends one file as raw bytes. XMLHttpRequest, because fetch reports no upload progress. */
import { toUploadUrl, type UploadFile } from '../prepare/upload.ts'

export interface SendOptions {
  onProgress: (sentBytes: number) => void
  signal: AbortSignal
}

export function sendFile(uploadId: string, { path, file }: UploadFile, options: SendOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest()
    const stop = () => request.abort()
    options.signal.addEventListener('abort', stop)
    request.upload.onprogress = (event) => options.onProgress(event.loaded)
    request.onloadend = () => {
      options.signal.removeEventListener('abort', stop)
      if (request.status >= 200 && request.status < 300) resolve()
      else if (options.signal.aborted) reject(new Error('The upload was stopped.'))
      else reject(new Error(`Sending ${path} failed: ${answerOf(request)}`))
    }
    request.open('PUT', toUploadUrl(uploadId, path))
    request.setRequestHeader('content-type', 'application/octet-stream')
    request.send(file)
  })
}

function answerOf(request: XMLHttpRequest): string {
  try {
    const body: unknown = JSON.parse(request.responseText)
    if (typeof body === 'object' && body !== null && 'message' in body) return String(body.message)
  } catch {
    // No JSON: the status says what is known.
  }
  return request.status === 0 ? 'the connection broke' : `status ${request.status}`
}
