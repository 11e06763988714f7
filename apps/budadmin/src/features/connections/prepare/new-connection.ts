/** The form of a connection as what is sent, with every problem at its field. */
import { CreateConnection } from '@bud/contract'
import type { z } from 'zod'

export interface ConnectionForm {
  kind: 's3' | 'huggingface'
  name: string
  bucket: string
  endpoint: string
  region: string
  pathStyle: boolean
  accessKeyId: string
  secretAccessKey: string
  sessionToken: string
  token: string
}

export const emptyConnection: ConnectionForm = {
  kind: 's3',
  name: '',
  bucket: '',
  endpoint: '',
  region: '',
  pathStyle: true,
  accessKeyId: '',
  secretAccessKey: '',
  sessionToken: '',
  token: '',
}

const fieldOf: Record<string, keyof ConnectionForm> = {
  name: 'name',
  bucket: 'bucket',
  endpoint: 'endpoint',
  region: 'region',
  access_key_id: 'accessKeyId',
  secret_access_key: 'secretAccessKey',
  session_token: 'sessionToken',
  token: 'token',
}

export type ConnectionProblems = Partial<Record<keyof ConnectionForm, string>>
type Parsed = { ok: true; connection: z.input<typeof CreateConnection> } | { ok: false; problems: ConnectionProblems }

export function parseConnection(form: ConnectionForm): Parsed {
  const connection = toConnection(form)
  const { error } = CreateConnection.safeParse(connection)
  if (!error) return { ok: true, connection }
  const problems: ConnectionProblems = {}
  for (const { path, message } of error.issues) {
    const field = fieldOf[String(path[0])]
    if (field && !problems[field]) problems[field] = form[field] === '' ? 'is needed' : plain(field, message)
  }
  return { ok: false, problems }
}

const plain = (field: keyof ConnectionForm, message: string): string =>
  field === 'endpoint' ? 'an address such as https://minio.internal:9000' : message

function toConnection(form: ConnectionForm): z.input<typeof CreateConnection> {
  const name = form.name.trim()
  const endpoint = form.endpoint.trim()
  const shared = { name, ...(endpoint ? { endpoint } : {}) }
  if (form.kind === 'huggingface') {
    return { kind: 'huggingface', ...shared, ...(form.token.trim() ? { token: form.token.trim() } : {}) }
  }
  return {
    kind: 's3',
    ...shared,
    bucket: form.bucket.trim(),
    path_style: form.pathStyle,
    access_key_id: form.accessKeyId.trim(),
    secret_access_key: form.secretAccessKey.trim(),
    ...(form.region.trim() ? { region: form.region.trim() } : {}),
    ...(form.sessionToken.trim() ? { session_token: form.sessionToken.trim() } : {}),
  }
}
