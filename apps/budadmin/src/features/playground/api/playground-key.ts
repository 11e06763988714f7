/** The inference key the playground speaks with: made on the first message, kept for this browser session only. */
import { client } from '../../../api.ts'

const STORED = 'bud.playground-key'

interface PlaygroundKey {
  id: string
  secret: string
}

export async function playgroundKey(): Promise<PlaygroundKey> {
  const stored = readStored()
  if (stored) return stored
  const { id, secret } = await client.inferenceKeys.create({ name: 'dashboard' })
  sessionStorage.setItem(STORED, JSON.stringify({ id, secret }))
  return { id, secret }
}

/** After somebody revoked it. */
export const forgetPlaygroundKey = (): void => sessionStorage.removeItem(STORED)

/** Gives the key back; signing out goes on even when that fails. */
export async function dropPlaygroundKey(): Promise<void> {
  const stored = readStored()
  forgetPlaygroundKey()
  if (stored) await client.inferenceKeys.revoke({ id: stored.id }).catch(() => undefined)
}

function readStored(): PlaygroundKey | undefined {
  const text = sessionStorage.getItem(STORED)
  return text ? (JSON.parse(text) as PlaygroundKey) : undefined
}
