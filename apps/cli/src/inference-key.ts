/** The gateway key that `bud` uses for itself: made on first use, kept beside the token, made anew when revoked. */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { writeSecretFile } from './config.ts'
import type { Cli } from './verb.ts'

const Kept = z.object({ url: z.string(), id: z.string(), secret: z.string() })

export async function inferenceKey(cli: Cli): Promise<string> {
  const file = join(cli.connection.secretsDir, 'cli-inference-key.json')
  const kept = readKept(file)
  if (kept?.url === cli.connection.url) {
    const known = await cli.client.inferenceKeys.list()
    if (known.some((key) => key.id === kept.id)) return kept.secret
  }
  const created = await cli.client.inferenceKeys.create({ name: 'bud command line' })
  writeSecretFile(file, JSON.stringify({ url: cli.connection.url, id: created.id, secret: created.secret }))
  return created.secret
}

function readKept(file: string) {
  if (!existsSync(file)) return undefined
  try {
    return Kept.safeParse(JSON.parse(readFileSync(file, 'utf8'))).data
  } catch {
    return undefined
  }
}
