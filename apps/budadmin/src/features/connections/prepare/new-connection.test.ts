import { expect, test } from 'vitest'
import { emptyConnection, parseConnection } from './new-connection.ts'

test('a bucket of MinIO, with what was left empty left to the server', () => {
  const parsed = parseConnection({
    ...emptyConnection,
    name: 'team',
    bucket: 'models-team',
    endpoint: 'https://minio.internal:9000',
    accessKeyId: 'id',
    secretAccessKey: 'secret',
  })
  expect(parsed).toEqual({
    ok: true,
    connection: {
      kind: 's3',
      name: 'team',
      bucket: 'models-team',
      endpoint: 'https://minio.internal:9000',
      path_style: true,
      access_key_id: 'id',
      secret_access_key: 'secret',
    },
  })
})

test('every problem stands at its field', () => {
  const parsed = parseConnection({ ...emptyConnection, name: 'Bad', bucket: 'x', endpoint: 'minio' })
  expect(parsed).toMatchObject({
    ok: false,
    problems: {
      name: expect.stringContaining('lower-case'),
      bucket: 'not a bucket name',
      endpoint: expect.stringContaining('https://'),
      accessKeyId: 'is needed',
      secretAccessKey: 'is needed',
    },
  })
})

test('a mirror needs a name alone', () => {
  expect(parseConnection({ ...emptyConnection, kind: 'huggingface', name: 'hub' })).toEqual({
    ok: true,
    connection: { kind: 'huggingface', name: 'hub' },
  })
})
