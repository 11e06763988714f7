/** Sends one part as raw bytes. XMLHttpRequest, because fetch reports no upload progress. */
import { toTarget } from '../prepare/upload.ts'
import type { PutPart } from './upload-folder.ts'

export const putPart: PutPart = (url, bytes, { onProgress, signal }) =>
  new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason)
    const target = toTarget(url, globalThis.location.origin)
    const request = new XMLHttpRequest()
    const stop = () => request.abort()
    signal.addEventListener('abort', stop)
    request.upload.onprogress = (event) => onProgress(event.loaded)
    request.onloadend = () => {
      signal.removeEventListener('abort', stop)
      if (signal.aborted) reject(signal.reason)
      else resolve({ status: request.status, message: messageOf(request), presigned: target.presigned })
    }
    request.open('PUT', target.url)
    // A presigned address is to see nothing of ours: other origins get no cookie, and no header to ask leave for.
    if (!target.presigned) request.setRequestHeader('content-type', 'application/octet-stream')
    request.send(target.presigned ? bytes : bytes.slice(0, bytes.size, 'application/octet-stream'))
  })

function messageOf(request: XMLHttpRequest): string {
  try {
    const body: unknown = JSON.parse(request.responseText)
    if (typeof body === 'object' && body !== null && 'message' in body) return String(body.message)
  } catch {
    // No JSON: the status says what is known.
  }
  return request.status === 0 ? 'the connection broke' : `the store answered ${request.status}`
}
