/** Registers a model, after sending its folder when there is one. */
import type { RegisterModel } from '@bud/contract'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useRef, useState } from 'react'
import { api, client } from '../../../api.ts'
import type { UploadPlan } from '../prepare/upload.ts'
import { sendFile } from './send-file.ts'

export interface Registration {
  claims: Omit<RegisterModel, 'source_path'>
  source: { kind: 'path'; sourcePath: string } | { kind: 'folder'; plan: UploadPlan }
}

export interface UploadProgress {
  path: string
  sentBytes: number
}

export function useRegisterModel() {
  const queries = useQueryClient()
  const [progress, setProgress] = useState<UploadProgress>()
  const abort = useRef<AbortController>(undefined)
  const mutation = useMutation({
    mutationFn: async ({ claims, source }: Registration) => {
      const controller = new AbortController()
      abort.current = controller
      const sourcePath =
        source.kind === 'path' ? source.sourcePath : await sendFolder(source.plan, setProgress, controller.signal)
      return client.models.register({ ...claims, source_path: sourcePath })
    },
    onSuccess: () => queries.invalidateQueries({ queryKey: api.models.list.key() }),
    onSettled: () => setProgress(undefined),
  })
  return { ...mutation, progress, stop: () => abort.current?.abort() }
}

async function sendFolder(plan: UploadPlan, report: (progress: UploadProgress) => void, signal: AbortSignal) {
  const upload = await client.uploads.create()
  let doneBytes = 0
  for (const file of plan.files) {
    const before = doneBytes
    await sendFile(upload.id, file, {
      signal,
      onProgress: (sentBytes) => report({ path: file.path, sentBytes: before + sentBytes }),
    })
    doneBytes += file.file.size
  }
  return upload.source_path
}
