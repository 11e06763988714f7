/** Registers a model, or adds a version to one, after sending its folder when there is one. */
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useEffect, useRef, useState } from 'react'
import { api, client } from '../../../api.ts'
import type { Registration } from '../prepare/registration.ts'
import { type TransferSample, withSample } from '../prepare/transfer.ts'
import type { UploadPlan } from '../prepare/upload.ts'
import { putPart } from './put-part.ts'
import { type FolderUpload, type UploadServer, uploadFolder } from './upload-folder.ts'

/** The person asked for it: no error. */
class Paused extends Error {}

interface Session extends FolderUpload {
  plan: UploadPlan
  sourcePath: string
}

const server: UploadServer = {
  beginFile: (file) => client.uploads.beginFile(file),
  completeFile: (file) => client.uploads.completeFile(file),
  putPart,
  pause,
}

/** `addTo`: the model that gets a version; undefined: a model is registered. */
export function useRegisterModel(addTo: string | undefined) {
  const queries = useQueryClient()
  const transfer = useTransfer()
  const mutation = useMutation({
    mutationFn: async ({ name, claims, source }: Registration) => {
      const source_path = source.kind === 'path' ? source.sourcePath : await transfer.send(source.plan)
      return addTo === undefined
        ? client.models.register({ name, ...claims, source_path })
        : client.models.addVersion({ id: addTo, ...claims, source_path })
    },
    onSuccess: () => {
      transfer.forget()
      return queries.invalidateQueries({ queryKey: api.models.key() })
    },
  })
  useGuardedLeave(mutation.isPending)
  const paused = mutation.error instanceof Paused
  const { samples, pause: pauseTransfer, discard } = transfer
  return { ...mutation, error: paused ? null : mutation.error, paused, samples, pause: pauseTransfer, discard }
}

const TELL_EVERY_MS = 200

/** One upload that can be paused and gone on with; another folder is another upload. */
function useTransfer() {
  const [samples, setSamples] = useState<TransferSample[]>([])
  const session = useRef<Session>(undefined)
  const abort = useRef<AbortController>(undefined)
  const toldMs = useRef(0)

  const onBytes = (bytes: number) => {
    const atMs = Date.now()
    if (atMs - toldMs.current < TELL_EVERY_MS && bytes !== session.current?.plan.bytes) return
    toldMs.current = atMs
    setSamples((before) => withSample(before, { atMs, bytes }))
  }
  const drop = async () => {
    const { id } = session.current ?? {}
    session.current = undefined
    // What stays behind after a failure here is found by the server's own sweep.
    if (id) await client.uploads.delete({ id }).catch(() => undefined)
  }
  const pauseTransfer = () => abort.current?.abort(new Paused())
  const discard = () => {
    pauseTransfer()
    setSamples([])
    void drop()
  }
  const send = async (plan: UploadPlan): Promise<string> => {
    const controller = new AbortController()
    abort.current = controller
    if (session.current && session.current.plan !== plan) await drop()
    session.current ??= await openSession(plan)
    // A pause is no part of the rate.
    setSamples([])
    await uploadFolder(server, session.current, { onBytes, signal: controller.signal })
    return session.current.sourcePath
  }
  // A dialog that goes away takes what it was sending with it.
  const atEnd = useRef(discard)
  atEnd.current = discard
  useEffect(() => () => atEnd.current(), [])
  return {
    samples,
    send,
    pause: pauseTransfer,
    /** What has arrived is dropped. */
    discard,
    /** What has arrived belongs to a version now. */
    forget: () => {
      session.current = undefined
    },
  }
}

async function openSession(plan: UploadPlan): Promise<Session> {
  const { id, source_path } = await client.uploads.create()
  return { plan, id, sourcePath: source_path, files: plan.files, done: new Set() }
}

/** The browser asks before a tab is closed over a transfer. */
function useGuardedLeave(active: boolean): void {
  useEffect(() => {
    if (!active) return
    const ask = (event: BeforeUnloadEvent) => event.preventDefault()
    globalThis.addEventListener('beforeunload', ask)
    return () => globalThis.removeEventListener('beforeunload', ask)
  }, [active])
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms)
    signal.addEventListener('abort', () => {
      clearTimeout(timer)
      resolve()
    })
  })
}
